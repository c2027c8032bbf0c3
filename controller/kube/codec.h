/// JSON of the Kubernetes API to and from the plain values of objects.h.
/// Tolerant: unknown fields are ignored, a field of the wrong type counts as absent; text that is
/// not JSON, or an object without a name, is kInternal. Nothing here throws. Threads: any.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/kube/objects.h"
#include "core/base/clock.h"
#include "core/base/result.h"

namespace oneshot::kube {

/// One page of a LIST. `continue_token` empty: the last one.
template <typename T>
struct ListPage {
  std::vector<T> items;
  std::string resource_version;
  std::string continue_token;
};

enum class WatchEventType { kAdded, kModified, kDeleted, kBookmark, kError };

/// One line of a watch. A bookmark carries only `resource_version`, an error only `error`.
template <typename T>
struct WatchEvent {
  WatchEventType type{WatchEventType::kBookmark};
  T object;
  std::string resource_version;
  base::Error error;
};

/// T is Job, Pod or Lease.
template <typename T>
base::Result<T> DecodeObject(std::string_view json);

/// T is Job or Pod. Items without a name are left out: nothing could be done about them.
template <typename T>
base::Result<ListPage<T>> DecodeListPage(std::string_view json);

/// T is Job or Pod.
template <typename T>
base::Result<WatchEvent<T>> DecodeWatchEvent(std::string_view json);

/// What the caller of a refused request should do, from the HTTP status and the Status object in
/// its body. `retry_after_seconds`: of the Retry-After header, 0 when there was none. Source:
/// Kubernetes API conventions, "HTTP Status codes" and "Response Status Kind".
base::Error ErrorFromAnswer(int http_status, std::string_view body, int retry_after_seconds);

/// The same from a Status on attach's error channel; empty when it says Success.
std::optional<base::Error> ErrorFromStatus(std::string_view json);

std::string EncodeLease(const std::string& name, const Lease& lease);
std::string EncodeDeleteOptions(const std::string& uid);

/// An events.k8s.io/v1 Event by `instance` about a Job in `run_namespace`.
std::string EncodeEvent(const EventNote& event, const std::string& run_namespace,
                        const std::string& instance, base::WallTime now);

/// Is `text` a JSON object? Asked before a write, so that a broken template is our error and not
/// the server's.
bool IsJsonObject(std::string_view text);

/// RFC 3339 in UTC with microseconds, as Lease and Event times want it:
/// 2026-01-02T03:04:05.000006Z.
std::string FormatMicroTime(base::WallTime time);

}  // namespace oneshot::kube
