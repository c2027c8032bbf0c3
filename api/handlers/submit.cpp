#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "api/handlers/handlers.h"
#include "api/handlers/query.h"
#include "api/handlers/respond.h"
#include "api/handlers/run_answer.h"
#include "api/http_errors.h"
#include "api/submitter.h"
#include "api/wire/submission.h"
#include "core/base/sha256.h"
#include "core/domain/run_id.h"
#include "core/telemetry/log.h"

namespace oneshot::api {
namespace {

constexpr const char* kKeyHeader = "Idempotency-Key";

/// The same submission is the same bytes: what a repetition sends.
std::optional<store::IdempotencyKey> KeyOf(const http::Request& request) {
  if (!request.headers.contains(kKeyHeader)) return std::nullopt;
  base::Sha256 digest;
  digest.Update(request.body);
  return store::IdempotencyKey{.key = request.Header(kKeyHeader),
                               .fingerprint = digest.HexDigest()};
}

bool IsIdempotencyKey(const std::string& key) {
  return !key.empty() && key.size() <= kMaxIdempotencyKey &&
         std::all_of(key.begin(), key.end(), [](unsigned char c) { return c > 0x20 && c < 0x7F; });
}

/// Accepts the run; success means that it is committed, or was when its key was used before.
base::Result<store::Submitted> Accept(Context& context, const store::Submission& submission) {
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
      const auto created_at = stored ? stored->created_at : context.clock.Wall();
      return store::Submitted{.id = submission.id, .created_at = created_at};
    }
  }
  return first;
}

/// Answers with the run that the key of this submission stands for.
void SendEarlier(Context& context, const RunQuestion& question, const std::string& id,
                 http::Responder responder) {
  auto run = context.store.Get(id);
  if (!run && run.error().code == base::ErrorCode::kNotFound)
    return std::move(responder).Send(RunOfKeyDeleted(id));
  if (!run) return SendError(std::move(responder), run.error());
  http::Response head = JsonResponse(200, "");
  head.headers["Location"] = "/api/v1/runs/" + id;
  RunAnswer::Begin(std::make_shared<RunAnswer>(context, question,
                                               wire::RunView{.run = *std::move(run)},
                                               std::move(head), std::move(responder)));
}

/// Answers with the run that was accepted now.
void SendNew(Context& context, const RunQuestion& question, const store::Submission& submission,
             base::WallTime created_at, http::Responder responder) {
  domain::Run run{.id = submission.id, .spec = submission.spec};
  run.files = domain::InfoOf(std::exchange(run.spec.files, {}));
  run.created_at = created_at;
  http::Response head = JsonResponse(201, "");
  head.headers["Location"] = "/api/v1/runs/" + submission.id;
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

}  // namespace

void SubmitRun(Context& context, const http::Request& request, http::Responder responder) {
  Query query(request);
  const RunQuestion question = ReadRunQuestion(query);
  if (auto errors = query.Finish(); !errors.empty()) {
    return std::move(responder).Send(InvalidQuery(std::move(errors)));
  }
  if (!IsJson(request)) {
    return std::move(responder).Send(
        UnsupportedMediaType(request.Header("Content-Type"), "application/json"));
  }
  wire::Submission decoded = wire::DecodeSubmission(request.body, context.options.limits);
  if (!decoded.malformed.empty())
    return std::move(responder).Send(MalformedJson(decoded.malformed));
  if (!decoded.faults.empty()) {
    return std::move(responder).Send(InvalidRun(decoded.faults, decoded.has_more_faults));
  }

  const store::Submission submission{.id = domain::NewRunId(context.clock.Wall()),
                                     .spec = std::move(decoded.spec),
                                     .submitter = SubmitterOf(request),
                                     .key = KeyOf(request)};
  if (submission.key && !IsIdempotencyKey(submission.key->key))
    return std::move(responder).Send(InvalidIdempotencyKey(submission.key->key.size()));
  const auto exceeded = context.queue_gate.Enter(submission);
  if (!exceeded) return SendError(std::move(responder), exceeded.error());
  if (*exceeded) {
    // A full queue is no reason to deny what is in it.
    const auto earlier = submission.key
                             ? context.store.FindSubmitted(submission.submitter, *submission.key)
                             : base::Error{base::ErrorCode::kNotFound, "no key"};
    if (earlier) return SendEarlier(context, question, earlier->id, std::move(responder));
    // Nor to tell a client to try again what can never be accepted.
    if (earlier.error().code == base::ErrorCode::kConflict)
      return std::move(responder).Send(IdempotencyKeyReused());
    return std::move(responder).Send(QueueFull(**exceeded, context.options.queue));
  }
  const auto submitted = Accept(context, submission);
  if (!submitted && submitted.error().code == base::ErrorCode::kConflict)
    return std::move(responder).Send(IdempotencyKeyReused());
  if (!submitted) return SendError(std::move(responder), submitted.error());
  if (!submitted->created_at)
    return SendEarlier(context, question, submitted->id, std::move(responder));
  telemetry::Log(telemetry::Level::kInfo, "run accepted",
                 {{"run_id", submission.id}, {"request_id", request.id}});
  SendNew(context, question, submission, *submitted->created_at, std::move(responder));
}

}  // namespace oneshot::api
