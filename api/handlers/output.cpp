#include <memory>

#include "api/handlers/handlers.h"
#include "api/handlers/respond.h"
#include "api/handlers/run_parts.h"
#include "api/output_page.h"
#include "api/output_session.h"

namespace oneshot::api {
namespace {

/// The bytes come from an untrusted program: a browser must save them, not show them as part of
/// this site.
http::Response BytesResponse(const std::string& file_name, http::Headers headers) {
  headers.merge(http::Headers{{"Content-Type", "application/octet-stream"},
                              {"Content-Disposition", "attachment; filename=\"" + file_name + "\""},
                              {"X-Content-Type-Options", "nosniff"},
                              {"Cache-Control", "no-store"}});
  return {.headers = std::move(headers)};
}

void SendOutput(Context& context, const http::Request& request, http::Responder responder,
                domain::Stream which) {
  const auto id = RunIdOf(request);
  if (!id) return SendError(std::move(responder), id.error());
  // Look also finds a run that was deleted and is still shared.
  if (const auto status = context.store.GetStatus(*id); !status)
    return SendError(std::move(responder), status.error());
  SendOutputOf(context, *id, which, /*headers=*/{}, std::move(responder));
}

}  // namespace

void SendOutputOf(Context& context, const std::string& run_id, domain::Stream which,
                  http::Headers headers, http::Responder responder) {
  const auto look = context.store.Look(run_id, {}, kOutputPageBytes);
  if (!look) return SendError(std::move(responder), look.error());
  const char* const extension = which == domain::Stream::kStdout ? ".stdout" : ".stderr";
  http::Response response = BytesResponse(run_id + extension, std::move(headers));
  if (!look->has_more) {
    response.body = BytesOf(look->output, which);
    return std::move(responder).Send(std::move(response));
  }
  response.closes_connection = true;
  const auto stream = std::move(responder).SendStream(std::move(response));
  if (!stream) return;
  const auto session =
      std::make_shared<OutputSession>(context.store, context.clock, run_id, which, stream);
  // If the run cannot be watched, the session ends here, which aborts the response.
  context.watch.Watch(run_id, RunWatch::FirstLook::kAtOnce, std::nullopt,
                      [session](RunWatch::Reason) { return session->Look(); });
}

void GetStdout(Context& context, const http::Request& request, http::Responder responder) {
  SendOutput(context, request, std::move(responder), domain::Stream::kStdout);
}

void GetStderr(Context& context, const http::Request& request, http::Responder responder) {
  SendOutput(context, request, std::move(responder), domain::Stream::kStderr);
}

}  // namespace oneshot::api
