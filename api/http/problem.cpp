#include "api/http/problem.h"

#include <nlohmann/json.hpp>

namespace oneshot::api::http {

Problem InternalError() {
  return {500, "internal", "Internal server error", "Report it with the request ID."};
}

Problem ShuttingDown() {
  return {.status = 503,
          .code = "shutting_down",
          .title = "The server is shutting down",
          .retry_after_seconds = 1,
          .closes_connection = true};
}

Response ToResponse(const Problem& problem, const Request& request) {
  nlohmann::ordered_json json{{"type", "about:blank"},
                              {"title", problem.title},
                              {"status", problem.status},
                              {"code", problem.code}};
  json["detail"] = problem.detail.empty() ? problem.title + "." : problem.detail;
  if (!request.target.empty()) json["instance"] = request.target;
  json["request_id"] = request.id;
  if (!problem.errors.empty()) {
    auto& errors = json["errors"] = nlohmann::ordered_json::array();
    for (const ProblemError& error : problem.errors) {
      const char* const key = error.place == ProblemError::Place::kBody ? "pointer" : "parameter";
      errors.push_back({{key, error.name}, {"code", error.code}, {"detail", error.detail}});
    }
  }
  if (problem.has_more_errors) json["errors_truncated"] = true;
  Response response;
  response.status = problem.status;
  response.closes_connection = problem.closes_connection;
  response.headers["Content-Type"] = "application/problem+json";
  if (problem.retry_after_seconds > 0) {
    response.headers["Retry-After"] = std::to_string(problem.retry_after_seconds);
  }
  response.body = json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  return response;
}

}  // namespace oneshot::api::http
