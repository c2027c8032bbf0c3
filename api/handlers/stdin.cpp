#include <algorithm>
#include <limits>
#include <optional>

#include "api/handlers/handlers.h"
#include "api/handlers/query.h"
#include "api/handlers/respond.h"
#include "api/http_errors.h"
#include "api/wire/objects.h"
#include "core/store/notifications.h"

namespace oneshot::api {
namespace {

using Outcome = store::StdinAnswer::Outcome;

// A page of another site can send no body of this type unless we allow it (Fetch, CORS-safelisted
// request-header).
constexpr const char* kBytes = "application/octet-stream";

std::optional<http::Problem> ProblemOf(const store::StdinAnswer& answer,
                                       const store::StdinBounds& bounds) {
  switch (answer.outcome) {
    case Outcome::kTaken:
      return std::nullopt;
    case Outcome::kRunEnded:
      return RunEnded();
    case Outcome::kNotOpen:
      return StdinNotOpen();
    case Outcome::kInputEnded:
      return StdinEnded();
    case Outcome::kOutOfOrder:
      return StdinOutOfOrder(answer.next_seq);
    case Outcome::kTooMuch:
      return StdinTooLarge(bounds);
  }
  return std::nullopt;
}

}  // namespace

Answer AddStdin(Context& context, const http::Request& request) {
  const auto id = RunIdOf(request);
  if (!id) return id.error();
  Query query(request);
  std::optional<int> seq;
  if (query.Has("seq"))
    seq = static_cast<int>(query.Number("seq", /*fallback=*/0, 0, std::numeric_limits<int>::max()));
  const std::string end = query.Text("end").value_or("false");
  if (end != "true" && end != "false") query.Refuse("end", "invalid", "must be true or false");
  if (end == "true" && !request.body.empty())
    query.Refuse("end", "invalid", "must not be given with a body");
  if (auto errors = query.Finish(); !errors.empty())
    return http::ToResponse(InvalidQuery(std::move(errors)), request);
  const std::string content_type = request.Header("Content-Type");
  if (!request.body.empty() && content_type != kBytes)
    return http::ToResponse(UnsupportedMediaType(content_type, kBytes), request);
  // Nothing is nothing: a repeated prompt for input would otherwise fill the table.
  if (request.body.empty() && end == "false") return http::ToResponse(StdinEmpty(), request);

  const store::StdinBounds bounds{.bytes = context.options.limits.stdin_bytes};
  const auto answer =
      context.store.AddStdin(*id, seq, {.data = request.body, .is_end = end == "true"}, bounds);
  if (!answer) return answer.error();
  if (const auto problem = ProblemOf(*answer, bounds)) return http::ToResponse(*problem, request);
  context.notifier.Notify(store::kQueueChannel, "");
  return JsonResponse(202, wire::NextStdinToJson(answer->next_seq));
}

}  // namespace oneshot::api
