#include "api/handlers/respond.h"

#include <algorithm>

#include "api/http_errors.h"
#include "core/domain/run_id.h"
#include "core/telemetry/log.h"

namespace oneshot::api {

http::Response JsonResponse(int status, std::string json) {
  return {.status = status,
          .headers = {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}},
          .body = std::move(json)};
}

void SendError(http::Responder responder, const base::Error& error) {
  const http::Problem problem = ToProblem(error);
  if (problem.status >= 500) {
    telemetry::Log(
        telemetry::Level::kError, "a request failed",
        {{"request_id", responder.head().id}, {"code", problem.code}, {"error", error.message}});
  }
  std::move(responder).Send(problem);
}

bool IsJson(const http::Request& request) {
  const std::string content_type = request.Header("Content-Type");
  std::string type = content_type.substr(0, content_type.find(';'));
  type.erase(type.find_last_not_of(" \t") + 1);
  std::transform(type.begin(), type.end(), type.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  return type == "application/json";
}

base::Result<std::string> RunIdOf(const http::Request& request) {
  std::string id = request.Parameter("id");
  if (!domain::IsRunId(id)) return base::Error{base::ErrorCode::kNotFound, "not a run ID"};
  return id;
}

}  // namespace oneshot::api
