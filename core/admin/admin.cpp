#include "core/admin/admin.h"

#include <nlohmann/json.hpp>
#include <utility>

namespace oneshot::admin {
namespace {

Response Text(int status, std::string body, const char* type = "text/plain; charset=utf-8") {
  Response response;
  response.status = status;
  response.headers["Content-Type"] = type;
  response.headers["Cache-Control"] = "no-store";
  response.body = std::move(body);
  return response;
}

}  // namespace

std::string Version() { return ONESHOT_VERSION; }

std::vector<Route> AdminRoutes(AdminSources sources) {
  std::vector<Route> routes;
  const auto add = [&](const char* path, std::function<Response(const Request&)> answer) {
    routes.push_back({"GET", path,
                      [answer = std::move(answer)](const Request& request, Responder responder) {
                        std::move(responder).Send(answer(request));
                      },
                      RunsOn::kServerThread});
  };
  add("/healthz", [](const Request&) { return Text(200, "ok\n"); });
  add("/readyz", [readiness = sources.readiness](const Request& request) {
    const base::Status status = readiness();
    if (status) return Text(200, "ready\n");
    return ToResponse({.status = 503,
                       .code = "not_ready",
                       .title = "This program cannot take requests now",
                       .detail = status.error().message,
                       .retry_after_seconds = 1},
                      request);
  });
  add("/version", [program = sources.program](const Request&) {
    const nlohmann::ordered_json json{{"program", program}, {"version", Version()}, {"api", "v1"}};
    return Text(200, json.dump() + "\n", "application/json");
  });
  if (sources.metrics) {
    add("/metrics", [metrics = sources.metrics](const Request&) {
      return Text(200, metrics(), "text/plain; version=0.0.4; charset=utf-8");
    });
  }
  return routes;
}

}  // namespace oneshot::admin
