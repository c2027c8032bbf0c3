#pragma once

#include <string>

#include "api/handlers/context.h"
#include "api/http/responder.h"
#include "core/base/result.h"

namespace oneshot::api {

/// A JSON response that must not be cached.
http::Response JsonResponse(int status, std::string json);

/// Answers with the problem for `error`, and logs it if the server is at fault.
void SendError(http::Responder responder, const base::Error& error);

/// Whether the body is said to be JSON.
bool IsJson(const http::Request& request);

/// The `{id}` of the route. Errors: kNotFound (no run can have it).
base::Result<std::string> RunIdOf(const http::Request& request);

}  // namespace oneshot::api
