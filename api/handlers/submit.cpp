#include <algorithm>
#include <memory>

#include "api/handlers/handlers.h"
#include "api/handlers/query.h"
#include "api/handlers/respond.h"
#include "api/handlers/run_answer.h"
#include "api/http_errors.h"
#include "api/submitter.h"
#include "api/wire/submission.h"
#include "core/domain/run_id.h"
#include "core/telemetry/log.h"

namespace oneshot::api {
namespace {

bool IsJson(const std::string& content_type) {
  std::string type = content_type.substr(0, content_type.find(';'));
  type.erase(type.find_last_not_of(" \t") + 1);
  std::transform(type.begin(), type.end(), type.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  return type == "application/json";
}

/// Accepts the run; success means that it is committed, and tells when that was.
base::Result<base::WallTime> Accept(Context& context, const store::Submission& submission) {
  constexpr int kTries = 3;
  const auto submit = [&] { return context.store.Submit(submission); };
  auto first = submit();
  if (first || first.error().code != base::ErrorCode::kUnknownOutcome) return first;
  // Only this call knows the id, so another try tells whether the first was committed. If that try
  // is refused for another reason, such as a database that is away, the outcome is still unknown.
  for (int tries = 1; tries < kTries; ++tries) {
    auto again = submit();
    if (again) return again;
    if (again.error().code == base::ErrorCode::kAlreadyExists) {
      const auto stored = context.store.Get(submission.id);
      return stored ? stored->created_at : context.clock.Wall();
    }
  }
  return first;
}

}  // namespace

void SubmitRun(Context& context, const http::Request& request, http::Responder responder) {
  Query query(request);
  const RunQuestion question = ReadRunQuestion(query);
  if (auto errors = query.Finish(); !errors.empty()) {
    return std::move(responder).Send(InvalidQuery(std::move(errors)));
  }
  const std::string content_type = request.Header("Content-Type");
  if (!IsJson(content_type)) return std::move(responder).Send(UnsupportedMediaType(content_type));
  wire::Submission decoded = wire::DecodeSubmission(request.body, context.options.limits);
  if (!decoded.malformed.empty())
    return std::move(responder).Send(MalformedJson(decoded.malformed));
  if (!decoded.faults.empty()) {
    return std::move(responder).Send(InvalidRun(decoded.faults, decoded.has_more_faults));
  }

  const store::Submission submission{.id = domain::NewRunId(context.clock.Wall()),
                                     .spec = std::move(decoded.spec),
                                     .submitter = SubmitterOf(request)};
  const auto exceeded = context.queue_gate.Enter(submission);
  if (!exceeded) return SendError(std::move(responder), exceeded.error());
  if (*exceeded) return std::move(responder).Send(QueueFull(**exceeded, context.options.queue));
  const auto accepted_at = Accept(context, submission);
  if (!accepted_at) return SendError(std::move(responder), accepted_at.error());
  const std::string& id = submission.id;
  telemetry::Log(telemetry::Level::kInfo, "run accepted",
                 {{"run_id", id}, {"request_id", request.id}});

  domain::Run run{.id = id, .spec = submission.spec};
  run.created_at = *accepted_at;
  http::Response head = JsonResponse(201, "");
  head.headers["Location"] = "/api/v1/runs/" + id;
  const auto answer = std::make_shared<RunAnswer>(
      context, question,
      wire::RunView{.run = std::move(run), .output = NoOutput(question, /*may_have_more=*/false)},
      std::move(head), std::move(responder));
  const bool waits = RunAnswer::Wait(answer, RunWatch::FirstLook::kWhenChanged);
  context.notifier.Notify(store::kQueueChannel, "");
  if (waits) return;
  // Also if too many clients wait already: the run as it is now.
  const auto position = context.queue_positions.OfNewRun(submission);
  if (position && *position > 0) answer->SetQueuePosition(*position);
  answer->Send();
}

}  // namespace oneshot::api
