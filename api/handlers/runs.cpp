#include "api/handlers/handlers.h"
#include "api/handlers/query.h"
#include "api/handlers/respond.h"
#include "api/http_errors.h"
#include "api/wire/cursor.h"
#include "core/telemetry/log.h"

namespace oneshot::api {
namespace {

using base::ErrorCode;

/// A run with its output. Nothing if the request was answered with an error.
std::optional<wire::RunView> ReadOrAnswer(Context& context, const http::Request& request,
                                          http::Responder& responder) {
  const auto id = RunIdOf(request);
  if (!id) {
    std::move(responder).Send(RunNotFound());
    return std::nullopt;
  }
  auto run = context.store.Get(*id);
  if (!run) {
    SendError(std::move(responder), run.error());
    return std::nullopt;
  }
  auto complete = ReadOutputOf(context, *std::move(run));
  if (!complete) {
    SendError(std::move(responder), complete.error());
    return std::nullopt;
  }
  return *std::move(complete);
}

/// The bytes come from an untrusted program: a browser must save them, not show them as part of
/// this site.
http::Response BytesResponse(const std::string& file_name, std::string bytes) {
  http::Response response;
  response.headers["Content-Type"] = "application/octet-stream";
  response.headers["Content-Disposition"] = "attachment; filename=\"" + file_name + "\"";
  response.headers["X-Content-Type-Options"] = "nosniff";
  response.headers["Cache-Control"] = "no-store";
  response.body = std::move(bytes);
  return response;
}

}  // namespace

void ListRuns(Context& context, const http::Request& request, http::Responder responder) {
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
    return std::move(responder).Send(InvalidQuery(std::move(errors)));
  }

  // One more shows whether there is a next page.
  const int page_size = list.limit++;
  auto runs = context.store.List(list);
  if (!runs) return SendError(std::move(responder), runs.error());
  std::optional<std::string> next_cursor;
  if (runs->size() > static_cast<std::size_t>(page_size)) {
    runs->resize(static_cast<std::size_t>(page_size));
    next_cursor = wire::EncodeCursor(runs->back().id);
  }
  std::move(responder).Send(
      JsonResponse(200, wire::RunsToJson(*runs, context.options.job_namespace, next_cursor)));
}

void GetRun(Context& context, const http::Request& request, http::Responder responder) {
  const auto run = ReadOrAnswer(context, request, responder);
  if (run)
    std::move(responder).Send(
        JsonResponse(200, wire::RunToJson(*run, context.options.job_namespace)));
}

void GetStdout(Context& context, const http::Request& request, http::Responder responder) {
  auto run = ReadOrAnswer(context, request, responder);
  if (!run) return;
  std::move(responder).Send(
      BytesResponse(run->run.id + ".stdout", std::move(run->output->stdout_bytes)));
}

void GetStderr(Context& context, const http::Request& request, http::Responder responder) {
  auto run = ReadOrAnswer(context, request, responder);
  if (!run) return;
  std::move(responder).Send(
      BytesResponse(run->run.id + ".stderr", std::move(run->output->stderr_bytes)));
}

void CancelRun(Context& context, const http::Request& request, http::Responder responder) {
  const auto id = RunIdOf(request);
  if (!id) return std::move(responder).Send(RunNotFound());
  const auto status = context.store.RequestCancel(*id, context.clock.Wall());
  if (!status) return SendError(std::move(responder), status.error());
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
  if (!run) return SendError(std::move(responder), run.error());
  std::move(responder).Send(
      JsonResponse(202, wire::RunToJson({.run = *std::move(run)}, context.options.job_namespace)));
}

void DeleteRun(Context& context, const http::Request& request, http::Responder responder) {
  const auto id = RunIdOf(request);
  if (!id) return std::move(responder).Send(RunNotFound());
  const base::Status status = context.store.Delete(*id);
  if (!status && status.error().code == ErrorCode::kConflict)
    return std::move(responder).Send(RunActive());
  if (!status) return SendError(std::move(responder), status.error());
  telemetry::Log(telemetry::Level::kInfo, "run deleted",
                 {{"run_id", *id}, {"request_id", request.id}});
  context.watch.Changed({*id});
  std::move(responder).Send(http::Response{.status = 204});
}

}  // namespace oneshot::api
