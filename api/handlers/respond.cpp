#include "api/handlers/respond.h"

#include <limits>

#include "api/http_errors.h"
#include "core/domain/run_id.h"
#include "core/telemetry/log.h"

namespace oneshot::api {

http::Response JsonResponse(int status, std::string json) {
  return {.status = status,
          .headers = {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}},
          .body = std::move(json)};
}

void SendError(http::Responder responder, const base::Error& error) {
  const http::Problem problem = ToProblem(error);
  if (problem.status >= 500) {
    telemetry::Log(
        telemetry::Level::kError, "a request failed",
        {{"request_id", responder.head().id}, {"code", problem.code}, {"error", error.message}});
  }
  std::move(responder).Send(problem);
}

base::Result<std::string> RunIdOf(const http::Request& request) {
  std::string id = request.Parameter("id");
  if (!domain::IsRunId(id)) return base::Error{base::ErrorCode::kNotFound, "not a run ID"};
  return id;
}

base::Result<wire::RunView> ReadOutputOf(Context& context, domain::Run run) {
  wire::RunView view{.run = std::move(run), .output = wire::Output{}};
  std::vector<domain::OutputRecord> output;
  store::OutputPosition seen{.attempt = view.run.attempt};
  for (bool has_more = true; has_more;) {
    const auto look =
        context.store.Look(view.run.id, seen, std::numeric_limits<std::int64_t>::max());
    if (!look) return look.error();
    if (view.run.status == domain::RunStatus::kQueued && look->queue_position > 0)
      view.queue_position = look->queue_position;
    view.starts_in = look->starts_in;
    // The run may have moved since it was read: what no longer belongs to it is left out.
    if (look->attempt != view.run.attempt) return view;
    output.insert(output.end(), look->output.begin(), look->output.end());
    has_more = look->has_more;
    if (!output.empty()) seen.seq = output.back().seq;
  }
  view.output = wire::JoinOutput(output);
  return view;
}

}  // namespace oneshot::api
