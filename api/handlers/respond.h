#pragma once

#include <optional>
#include <string>

#include "api/handlers/context.h"
#include "api/http/responder.h"
#include "api/wire/run_json.h"

namespace oneshot::api {

/// A JSON response that must not be cached.
http::Response JsonResponse(int status, std::string json);

/// Answers with the problem for `error`, and logs it if the server is at fault.
void SendError(http::Responder responder, const base::Error& error);

/// The `{id}` of the route; nothing if it is not a valid run id.
std::optional<std::string> RunIdOf(const http::Request& request);

/// Everything in the API's run object.
struct CompleteRun {
  domain::Run run;
  wire::Output output;
  std::optional<std::int64_t> queue_position;
};
base::Result<CompleteRun> ReadOutputOf(Context& context, domain::Run run);
std::string ToJson(const Context& context, const CompleteRun& run);

/// Status 201 of a submission.
http::Response CreatedResponse(const std::string& run_id, std::string json);

}  // namespace oneshot::api
