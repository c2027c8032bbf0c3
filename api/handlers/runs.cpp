#include <memory>

#include "api/handlers/handlers.h"
#include "api/handlers/query.h"
#include "api/handlers/respond.h"
#include "api/handlers/run_answer.h"
#include "api/http_errors.h"
#include "core/telemetry/log.h"

namespace oneshot::api {
Answer ListRuns(Context& context, const http::Request& request) {
  Query query(request);
  store::ListQuery list;
  list.limit = static_cast<int>(query.Number("limit", /*fallback=*/50, 1, 100));
  if (const auto cursor = query.Text("cursor"); cursor && !cursor->empty()) {
    list.before_id = wire::DecodeCursor(*cursor);
    if (!list.before_id)
      query.Refuse("cursor", "invalid", "must be the next_cursor of an earlier page");
  }
  if (const auto status = query.Text("status")) {
    list.status = domain::ParseRunStatus(*status);
    if (!list.status) query.Refuse("status", "invalid", "must be the status of a run");
  }
  if (auto errors = query.Finish(); !errors.empty()) {
    return http::ToResponse(InvalidQuery(std::move(errors)), request);
  }

  // One more shows whether there is a next page.
  const int page_size = list.limit++;
  auto runs = context.store.List(list);
  if (!runs) return runs.error();
  std::optional<std::string> next_cursor;
  if (runs->size() > static_cast<std::size_t>(page_size)) {
    runs->resize(static_cast<std::size_t>(page_size));
    next_cursor = wire::EncodeCursor(runs->back().id);
  }
  return JsonResponse(200, wire::RunsToJson(*runs, context.options.job_namespace, next_cursor));
}

void GetRun(Context& context, const http::Request& request, http::Responder responder) {
  const auto id = RunIdOf(request);
  if (!id) return SendError(std::move(responder), id.error());
  Query query(request);
  const RunQuestion question = ReadOutputQuestion(query);
  if (auto errors = query.Finish(); !errors.empty())
    return std::move(responder).Send(InvalidQuery(std::move(errors)));
  auto run = context.store.Get(*id);
  if (!run) return SendError(std::move(responder), run.error());
  RunAnswer::Begin(std::make_shared<RunAnswer>(context, question,
                                               wire::RunView{.run = *std::move(run)},
                                               JsonResponse(200, ""), std::move(responder)));
}

Answer CancelRun(Context& context, const http::Request& request) {
  const auto id = RunIdOf(request);
  if (!id) return id.error();
  const auto status = context.store.RequestCancel(*id);
  if (!status) return status.error();
  telemetry::Log(
      telemetry::Level::kInfo, "cancellation accepted",
      {{"run_id", *id}, {"status", domain::ToString(*status)}, {"request_id", request.id}});
  context.notifier.Notify(store::kQueueChannel, "");
  // Other replicas learn of it from the notification.
  if (domain::IsTerminal(*status)) {
    context.watch.Changed({*id});
    context.notifier.Notify(store::kChangesChannel, *id);
  }

  auto run = context.store.Get(*id);
  if (!run) return run.error();
  return JsonResponse(202,
                      wire::RunToJson({.run = *std::move(run)}, context.options.job_namespace));
}

Answer DeleteRun(Context& context, const http::Request& request) {
  const auto id = RunIdOf(request);
  if (!id) return id.error();
  const base::Status status = context.store.Delete(*id);
  if (!status && status.error().code == base::ErrorCode::kConflict)
    return http::ToResponse(RunActive(), request);
  if (!status) return status.error();
  telemetry::Log(telemetry::Level::kInfo, "run deleted",
                 {{"run_id", *id}, {"request_id", request.id}});
  context.watch.Changed({*id});
  return http::Response{.status = 204};
}

}  // namespace oneshot::api
