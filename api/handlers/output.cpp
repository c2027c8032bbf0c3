#include <memory>

#include "api/handlers/handlers.h"
#include "api/handlers/respond.h"
#include "api/output_page.h"
#include "api/output_session.h"

namespace oneshot::api {
namespace {

/// The bytes come from an untrusted program: a browser must save them, not show them as part of
/// this site.
http::Response BytesResponse(const std::string& file_name) {
  return {.headers = {{"Content-Type", "application/octet-stream"},
                      {"Content-Disposition", "attachment; filename=\"" + file_name + "\""},
                      {"X-Content-Type-Options", "nosniff"},
                      {"Cache-Control", "no-store"}}};
}

void SendOutput(Context& context, const http::Request& request, http::Responder responder,
                domain::Stream which) {
  const auto id = RunIdOf(request);
  if (!id) return SendError(std::move(responder), id.error());
  const auto look = context.store.Look(*id, {}, kOutputPageBytes);
  if (!look) return SendError(std::move(responder), look.error());
  const char* const extension = which == domain::Stream::kStdout ? ".stdout" : ".stderr";
  http::Response response = BytesResponse(*id + extension);
  if (!look->has_more) {
    response.body = BytesOf(look->output, which);
    return std::move(responder).Send(std::move(response));
  }
  response.closes_connection = true;
  const auto stream = std::move(responder).SendStream(std::move(response));
  if (!stream) return;
  const auto session =
      std::make_shared<OutputSession>(context.store, context.clock, *id, which, stream);
  // If the run cannot be watched, the session ends here, which aborts the response.
  context.watch.Watch(*id, RunWatch::FirstLook::kAtOnce, std::nullopt,
                      [session](RunWatch::Reason) { return session->Look(); });
}

}  // namespace

void GetStdout(Context& context, const http::Request& request, http::Responder responder) {
  SendOutput(context, request, std::move(responder), domain::Stream::kStdout);
}

void GetStderr(Context& context, const http::Request& request, http::Responder responder) {
  SendOutput(context, request, std::move(responder), domain::Stream::kStderr);
}

}  // namespace oneshot::api
