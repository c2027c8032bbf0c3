#include "api/wire/shares.h"

#include <utility>

#include "api/handlers/handlers.h"
#include "api/handlers/query.h"
#include "api/handlers/respond.h"
#include "api/handlers/run_answer.h"
#include "api/handlers/run_parts.h"
#include "api/http_errors.h"
#include "api/secret.h"
#include "api/submitter.h"
#include "core/domain/run_id.h"
#include "core/telemetry/log.h"

namespace oneshot::api {
namespace {

using base::ErrorCode;

constexpr const char* kTokenHeader = "Revoke-Token";

/// Malformed, unknown, expired and revoked ids are the same to everybody.
base::Error NoShare() { return {ErrorCode::kNotFound, "no such share"}; }

base::Result<store::Share> ShareOf(Context& context, const http::Request& request) {
  const std::string id = request.Parameter("id");
  if (!IsSecret(id)) return NoShare();
  return context.store.GetShare(id);
}

/// An error about a share: 404 tells of a share, not of a run.
Answer Refuse(const base::Error& error, const http::Request& request) {
  if (error.code == ErrorCode::kNotFound) return http::ToResponse(ShareNotFound(), request);
  return error;
}

/// Who has the address may read it. A search engine that came by it shall not tell it to all.
const http::Headers kUnlisted{{"X-Robots-Tag", "noindex"}};

http::Response Unlisted(http::Response response) {
  response.headers.insert(kUnlisted.begin(), kUnlisted.end());
  return response;
}

wire::ShareFacts FactsOf(const std::string& id, const store::Share& share) {
  return {.id = id, .created_at = share.created_at, .expires_at = share.expires_at};
}

/// Makes the share; success means that it is committed, or that a bound is exceeded.
base::Result<store::Shared> Make(Context& context, const store::NewShare& share) {
  constexpr int kTries = 3;
  const auto make = [&] { return context.store.CreateShare(share, context.options.shares.bounds); };
  auto first = make();
  if (first || first.error().code != ErrorCode::kUnknownOutcome) return first;
  // Only this call knows the id, so whoever finds it has made it.
  for (int tries = 1; tries < kTries; ++tries) {
    const auto made = context.store.GetShare(share.id);
    if (made) return store::Shared{.created_at = made->created_at, .expires_at = made->expires_at};
    if (made.error().code != ErrorCode::kNotFound) continue;
    auto again = make();
    if (again) return again;
  }
  return first;
}

http::Problem Exceeded(store::ShareBound bound, const store::ShareBounds& bounds) {
  switch (bound) {
    case store::ShareBound::kPerSubmitter:
      return TooManyShares(bounds.per_submitter);
    case store::ShareBound::kBytes:
      return SharesFull(bounds.bytes);
  }
  return http::InternalError();
}

/// As `answer_run` answers to who asks for the run.
Answer AnswerShare(Context& context, const http::Request& request,
                   Answer (*answer_run)(Context&, const http::Request&, const domain::Run&)) {
  const auto share = ShareOf(context, request);
  if (!share) return Refuse(share.error(), request);
  auto answer = answer_run(context, request, share->run);
  if (!answer) return Refuse(answer.error(), request);
  return Unlisted(*std::move(answer));
}

void SendOutputOfShare(Context& context, const http::Request& request, http::Responder responder,
                       domain::Stream which) {
  const auto share = ShareOf(context, request);
  if (!share && share.error().code == ErrorCode::kNotFound)
    return std::move(responder).Send(ShareNotFound());
  if (!share) return SendError(std::move(responder), share.error());
  SendOutputOf(context, share->run.id, which, kUnlisted, std::move(responder));
}

}  // namespace

Answer CreateShare(Context& context, const http::Request& request) {
  Query query(request);
  if (auto errors = query.Finish(); !errors.empty())
    return http::ToResponse(InvalidQuery(std::move(errors)), request);
  if (!IsJson(request))
    return http::ToResponse(
        UnsupportedMediaType(request.Header("Content-Type"), "application/json"), request);
  const wire::ShareRequest asked = wire::DecodeShareRequest(request.body);
  if (!asked.malformed.empty()) return http::ToResponse(MalformedJson(asked.malformed), request);
  if (!asked.faults.empty()) return http::ToResponse(InvalidShare(asked.faults), request);
  if (!domain::IsRunId(asked.run_id)) return base::Error{ErrorCode::kNotFound, "not a run ID"};

  const std::string token = NewSecret();
  const store::NewShare share{.id = NewSecret(),
                              .run_id = asked.run_id,
                              .token_hash = HashOfSecret(token),
                              .submitter = SubmitterOf(request),
                              .lifetime = context.options.shares.lifetime};
  const auto shared = Make(context, share);
  if (!shared && shared.error().code == ErrorCode::kConflict)
    return http::ToResponse(RunActiveYet(), request);
  if (!shared) return shared.error();
  if (shared->exceeded)
    return http::ToResponse(Exceeded(*shared->exceeded, context.options.shares.bounds), request);
  telemetry::Log(telemetry::Level::kInfo, "run shared",
                 {{"run_id", share.run_id}, {"request_id", request.id}});
  const wire::ShareFacts facts{
      .id = share.id, .created_at = shared->created_at, .expires_at = shared->expires_at};
  http::Response response = JsonResponse(201, wire::NewShareToJson(facts, share.run_id, token));
  response.headers["Location"] = wire::ShareAddress(share.id);
  return Unlisted(std::move(response));
}

Answer GetShare(Context& context, const http::Request& request) {
  Query query(request);
  const RunQuestion question = ReadFinalOutputQuestion(query);
  if (auto errors = query.Finish(); !errors.empty())
    return http::ToResponse(InvalidQuery(std::move(errors)), request);
  auto share = ShareOf(context, request);
  if (!share) return Refuse(share.error(), request);
  const wire::ShareFacts facts = FactsOf(request.Parameter("id"), *share);
  auto view = ReadOutputOf(context, std::move(share->run), question);
  if (!view) return Refuse(view.error(), request);
  view->share_address = wire::ShareAddress(facts.id);
  const auto json = [&] {
    return wire::ShareToJson(facts, wire::RunToJson(*view, context.options.job_namespace));
  };
  http::Response response = JsonResponse(200, json());
  if (response.body.size() > http::kSmallBody) {
    view->output = NoOutput(question, /*may_have_more=*/true);
    response.small_body = json();
  }
  return Unlisted(std::move(response));
}

Answer GetShareSubmission(Context& context, const http::Request& request) {
  return AnswerShare(context, request, SubmissionOf);
}

Answer GetShareDisplay(Context& context, const http::Request& request) {
  return AnswerShare(context, request, DisplayOf);
}

Answer GetShareOutputFile(Context& context, const http::Request& request) {
  return AnswerShare(context, request, OutputFileOf);
}

void GetShareStdout(Context& context, const http::Request& request, http::Responder responder) {
  SendOutputOfShare(context, request, std::move(responder), domain::Stream::kStdout);
}

void GetShareStderr(Context& context, const http::Request& request, http::Responder responder) {
  SendOutputOfShare(context, request, std::move(responder), domain::Stream::kStderr);
}

Answer DeleteShare(Context& context, const http::Request& request) {
  const auto share = ShareOf(context, request);
  if (!share) return Refuse(share.error(), request);
  if (!IsSecretOf(request.Header(kTokenHeader), share->token_hash))
    return http::ToResponse(WrongRevokeToken(), request);
  if (const base::Status status = context.store.DeleteShare(request.Parameter("id")); !status)
    return Refuse(status.error(), request);
  telemetry::Log(telemetry::Level::kInfo, "share revoked",
                 {{"run_id", share->run.id}, {"request_id", request.id}});
  return http::Response{.status = 204};
}

}  // namespace oneshot::api
