#include "api/routes.h"

#include "api/handlers/handlers.h"
#include "api/handlers/respond.h"

namespace oneshot::api {
namespace {

http::Route AdminRoute(std::string_view path, const admin::AdminSources& sources) {
  return {"GET", std::string(path),
          [path, sources](const http::Request&, http::Responder responder) {
            admin::Page page = admin::PageAt(path, sources);
            std::move(responder).Send(
                http::Response{.status = page.status,
                               .headers = {page.headers.begin(), page.headers.end()},
                               .body = std::move(page.body)});
          },
          http::RunsOn::kServerThread};
}

http::Handler Bind(Context& context,
                   void (*handler)(Context&, const http::Request&, http::Responder)) {
  return [&context, handler](const http::Request& request, http::Responder responder) {
    handler(context, request, std::move(responder));
  };
}

http::Handler Bind(Context& context, Answer (*handler)(Context&, const http::Request&)) {
  return [&context, handler](const http::Request& request, http::Responder responder) {
    Answer answer = handler(context, request);
    if (!answer) return SendError(std::move(responder), answer.error());
    std::move(responder).Send(*std::move(answer));
  };
}

}  // namespace

http::Router MakeRouter(Context& context, const admin::AdminSources& sources) {
  using http::RunsOn;
  std::vector<http::Route> routes;
  for (const std::string_view path : admin::kPaths) routes.push_back(AdminRoute(path, sources));
  const auto add = [&](const char* method, const char* pattern, auto handler,
                       RunsOn runs_on = RunsOn::kWorker) {
    routes.push_back({method, pattern, Bind(context, handler), runs_on});
  };

  add("POST", "/api/v1/runs", SubmitRun);
  add("GET", "/api/v1/runs", ListRuns);
  add("GET", "/api/v1/runs/{id}", GetRun);
  add("DELETE", "/api/v1/runs/{id}", DeleteRun);
  add("POST", "/api/v1/runs/{id}/cancel", CancelRun);
  add("GET", "/api/v1/runs/{id}/events", StreamEvents);
  add("GET", "/api/v1/runs/{id}/stdout", GetStdout);
  add("GET", "/api/v1/runs/{id}/stderr", GetStderr);
  add("GET", "/api/v1/environment", GetEnvironment, RunsOn::kServerThread);
  add("GET", "/api/openapi.json", GetOpenApi, RunsOn::kServerThread);
  return http::Router(std::move(routes));
}

}  // namespace oneshot::api
