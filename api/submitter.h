#pragma once

#include <string>

#include "api/http/message.h"

namespace oneshot::api {

/// Who is served as one: `address:` and the client's address as nginx saw it (X-Forwarded-For,
/// which nginx overwrites). An IPv6 client counts as its /64, because it may use every address of
/// that. `unknown` when there is no such header, or no address in it: that is somebody on the
/// loopback.
std::string SubmitterOf(const http::Request& request);

}  // namespace oneshot::api
