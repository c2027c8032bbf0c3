#include <memory>

#include "api/event_session.h"
#include "api/handlers/handlers.h"
#include "api/handlers/respond.h"

namespace oneshot::api {

void StreamEvents(Context& context, const http::Request& request, http::Responder responder) {
  const auto id = RunIdOf(request);
  if (!id) return SendError(std::move(responder), id.error());
  if (const auto status = context.store.GetStatus(*id); !status)
    return SendError(std::move(responder), status.error());

  const auto stream = std::move(responder).SendStream(
      {.headers = {{"Content-Type", "text/event-stream; charset=utf-8"},
                   {"Cache-Control", "no-store, no-transform"},
                   {"X-Accel-Buffering", "no"}},
       .closes_connection = true});
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
