#pragma once

#include <string>

#include "api/handlers/context.h"
#include "api/http/responder.h"
#include "api/wire/objects.h"

namespace oneshot::api {

/// A JSON response that must not be cached.
http::Response JsonResponse(int status, std::string json);

/// Answers with the problem for `error`, and logs it if the server is at fault.
void SendError(http::Responder responder, const base::Error& error);

/// The `{id}` of the route. Errors: kNotFound (no run can have it).
base::Result<std::string> RunIdOf(const http::Request& request);

/// `run` with everything in the API's run object.
base::Result<wire::RunView> ReadOutputOf(Context& context, domain::Run run);

}  // namespace oneshot::api
