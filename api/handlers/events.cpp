#include <memory>

#include "api/event_session.h"
#include "api/handlers/handlers.h"
#include "api/handlers/respond.h"
#include "api/http_errors.h"

namespace oneshot::api {

void StreamEvents(Context& context, const http::Request& request, http::Responder responder) {
  const auto id = RunIdOf(request);
  if (!id) return std::move(responder).Send(RunNotFound());
  if (const auto status = context.store.GetStatus(*id); !status)
    return SendError(std::move(responder), status.error());

  http::Response head;
  head.headers["Content-Type"] = "text/event-stream; charset=utf-8";
  head.headers["Cache-Control"] = "no-store, no-transform";
  head.headers["X-Accel-Buffering"] = "no";
  head.closes_connection = true;
  const auto stream = std::move(responder).SendStream(std::move(head));
  if (!stream) return;
  const auto session = std::make_shared<EventSession>(
      context.store, context.clock, context.options.job_namespace, *id,
      wire::ParseEventId(request.Header("Last-Event-ID")), stream);
  // If the run cannot be watched, the session ends here, which closes the stream. The client
  // reconnects after its pause.
  context.watch.Watch(*id, RunWatch::FirstLook::kAtOnce, std::nullopt,
                      [session](RunWatch::Reason reason) { return session->Look(reason); });
}

}  // namespace oneshot::api
