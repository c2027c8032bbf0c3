#pragma once

#include <string_view>

#include "controller/kube/codec.h"
#include "core/base/error.h"

namespace oneshot::kube {

/// What the caller of a refused request should do, from the HTTP status and the Status object in
/// its body. `retry_after_seconds`: of the Retry-After header, 0 when there was none. Source:
/// Kubernetes API conventions, "HTTP Status codes" and "Response Status Kind".
base::Error ErrorFromAnswer(int http_status, std::string_view body, int retry_after_seconds);

/// The same from a Status that came in another way: in a watch, or on attach's error channel.
base::Error ErrorFromStatus(const ApiStatus& status);

}  // namespace oneshot::kube
