#include "api/routes.h"

#include <functional>
#include <utility>

#include "api/handlers/handlers.h"
#include "api/handlers/respond.h"
#include "api/openapi.h"

namespace oneshot::api {
namespace {

http::Handler AtOnce(std::function<Answer(const http::Request&)> handler) {
  return [handler = std::move(handler)](const http::Request& request, http::Responder responder) {
    Answer answer = handler(request);
    if (!answer) return SendError(std::move(responder), answer.error());
    std::move(responder).Send(*std::move(answer));
  };
}

}  // namespace

http::Router MakeRouter(Context& context, const admin::AdminSources& sources) {
  std::vector<http::Route> routes;
  // What is in memory already, and needs no worker.
  const auto add_page = [&](std::string_view path, auto page) {
    routes.push_back(
        {"GET", std::string(path), AtOnce(std::move(page)), http::RunsOn::kServerThread});
  };
  for (const std::string_view path : admin::kPaths) {
    add_page(path, [path, sources](const http::Request&) {
      admin::Page page = admin::PageAt(path, sources);
      return http::Response{.status = page.status,
                            .headers = {page.headers.begin(), page.headers.end()},
                            .body = std::move(page.body)};
    });
  }
  add_page("/api/v1/environment", [&context](const http::Request&) {
    return JsonResponse(200, context.environment_json);
  });
  add_page("/api/openapi.json",
           [](const http::Request&) { return JsonResponse(200, std::string(kOpenApiJson)); });

  const auto add = [&](const char* method, const char* pattern,
                       Answer (*handler)(Context&, const http::Request&)) {
    routes.push_back({method, pattern, AtOnce(std::bind_front(handler, std::ref(context)))});
  };
  const auto add_later = [&](const char* method, const char* pattern,
                             void (*handler)(Context&, const http::Request&, http::Responder)) {
    routes.push_back({method, pattern, std::bind_front(handler, std::ref(context))});
  };
  add_later("POST", "/api/v1/runs", SubmitRun);
  add("GET", "/api/v1/runs", ListRuns);
  add_later("GET", "/api/v1/runs/{id}", GetRun);
  add("DELETE", "/api/v1/runs/{id}", DeleteRun);
  add("POST", "/api/v1/runs/{id}/cancel", CancelRun);
  add("POST", "/api/v1/runs/{id}/stdin", AddStdin);
  add_later("GET", "/api/v1/runs/{id}/events", StreamEvents);
  add_later("GET", "/api/v1/runs/{id}/stdout", GetStdout);
  add_later("GET", "/api/v1/runs/{id}/stderr", GetStderr);
  add("GET", "/api/v1/runs/{id}/displays/{number}", GetDisplay);
  add("GET", "/api/v1/runs/{id}/output-files/{number}", GetOutputFile);
  add("GET", "/api/v1/runs/{id}/submission", GetSubmission);
  add("POST", "/api/v1/shares", CreateShare);
  add("GET", "/api/v1/shares/{id}", GetShare);
  add("DELETE", "/api/v1/shares/{id}", DeleteShare);
  add_later("GET", "/api/v1/shares/{id}/stdout", GetShareStdout);
  add_later("GET", "/api/v1/shares/{id}/stderr", GetShareStderr);
  add("GET", "/api/v1/shares/{id}/displays/{number}", GetShareDisplay);
  add("GET", "/api/v1/shares/{id}/output-files/{number}", GetShareOutputFile);
  add("GET", "/api/v1/shares/{id}/submission", GetShareSubmission);
  return http::Router(std::move(routes));
}

}  // namespace oneshot::api
