#pragma once

#include <optional>
#include <string>

#include "api/handlers/context.h"
#include "api/http/responder.h"
#include "api/wire/run_json.h"

namespace oneshot::api {

/// A response in JSON that nobody may keep.
http::Response JsonResponse(int status, std::string json);

/// Answers with the problem that `error` is; logs it when the fault is ours.
void SendError(http::Responder responder, const base::Error& error);

/// The `{id}` of the route; nothing when it cannot be a run's id.
std::optional<std::string> RunIdOf(const http::Request& request);

/// Everything that the run object tells.
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
