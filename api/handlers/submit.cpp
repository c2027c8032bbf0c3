#include <algorithm>
#include <memory>

#include "api/handlers/handlers.h"
#include "api/handlers/query.h"
#include "api/handlers/respond.h"
#include "api/http_errors.h"
#include "api/submitter.h"
#include "api/wire/submission.h"
#include "core/domain/run_id.h"
#include "core/telemetry/log.h"

namespace oneshot::api {
namespace {

using Next = RunWatch::Next;
using Reason = RunWatch::Reason;

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

/// The submitter, waiting for the end of the run.
struct Waiter {
  // As last seen.
  wire::RunView view;
  http::Responder responder;
};

void SendRun(const Context& context, Waiter& waiter) {
  http::Response response =
      JsonResponse(201, wire::RunToJson(waiter.view, context.options.job_namespace));
  response.headers["Location"] = "/api/v1/runs/" + waiter.view.run.id;
  std::move(waiter.responder).Send(std::move(response));
}

Next LookAtRun(Context& context, Waiter& waiter, Reason reason) {
  const bool must_answer = reason == Reason::kDeadline || reason == Reason::kStopping;
  domain::Run& run = waiter.view.run;
  // The cheap question first: the answer is almost always no.
  if (reason == Reason::kSweep) {
    const auto status = context.store.GetStatus(run.id);
    if (!status || !domain::IsTerminal(*status)) return Next::kWait;
  }
  if (auto now = context.store.Get(run.id)) run = *std::move(now);
  if (!domain::IsTerminal(run.status) && !must_answer) return Next::kWait;
  // The run is accepted even if the database fails now: the answer says so, with what is known.
  if (auto complete = ReadOutputOf(context, run)) waiter.view = *std::move(complete);
  SendRun(context, waiter);
  return Next::kDone;
}

}  // namespace

void SubmitRun(Context& context, const http::Request& request, http::Responder responder) {
  Query query(request);
  const auto wait = std::chrono::duration<double>(query.Number("wait", /*fallback=*/0, 0, 60));
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
  const auto waiter = std::make_shared<Waiter>(
      Waiter{{.run = std::move(run), .output = wire::Output{}}, std::move(responder)});
  const auto deadline =
      context.clock.Monotonic() + std::chrono::duration_cast<base::MonotonicTime::duration>(wait);
  const bool waits =
      wait.count() > 0 && context.watch.Watch(id, RunWatch::FirstLook::kWhenChanged, deadline,
                                              [&context, waiter](Reason reason) {
                                                return LookAtRun(context, *waiter, reason);
                                              });
  context.notifier.Notify(store::kQueueChannel, "");
  if (waits) return;
  // Also if too many clients wait already: the run as it is now.
  const auto position = context.queue_positions.OfNewRun(submission);
  if (position && *position > 0) waiter->view.queue_position = *position;
  SendRun(context, *waiter);
}

}  // namespace oneshot::api
