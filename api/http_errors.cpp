#include "api/http_errors.h"

#include <algorithm>

namespace oneshot::api {
namespace {

using base::ErrorCode;
using http::Problem;

Problem Internal() {
  return {.status = 500,
          .code = "internal",
          .title = "Internal server error",
          .detail = "Report it with the request ID."};
}

std::string Sentences(const Problem& problem) {
  std::string text;
  for (const http::ProblemError& error : problem.errors) {
    const std::string name = error.name.empty() ? "The body" : error.name;
    text += (text.empty() ? "" : " ") + name + " " + error.detail + ".";
  }
  return problem.has_more_errors ? text + " There may be more errors." : text;
}

}  // namespace

Problem ToProblem(const base::Error& error) {
  switch (error.code) {
    case ErrorCode::kInvalidArgument:
      return {.status = 400, .code = "invalid_request", .title = "Invalid request"};
    case ErrorCode::kNotFound:
      return RunNotFound();
    case ErrorCode::kAlreadyExists:
    case ErrorCode::kConflict:
      return {.status = 409,
              .code = "conflict",
              .title = "The run has changed",
              .detail = "Read the run again; its state has changed."};
    case ErrorCode::kExpired:
      return {.status = 410, .code = "expired", .title = "No longer available"};
    case ErrorCode::kUnavailable:
      return {.status = 503,
              .code = "unavailable",
              .title = "The database is unavailable",
              .detail = "Nothing was changed. Send the request again later.",
              .retry_after_seconds = std::max(2, error.retry_after_seconds)};
    case ErrorCode::kUnknownOutcome:
      return {.status = 503,
              .code = "unknown_outcome",
              .title = "The outcome is unknown",
              .detail =
                  "The database did not confirm the request, but it may have taken effect. "
                  "Check before you send it again.",
              .retry_after_seconds = std::max(2, error.retry_after_seconds)};
    case ErrorCode::kCancelled:
      return {.status = 503,
              .code = "shutting_down",
              .title = "The server is shutting down",
              .retry_after_seconds = 1};
    case ErrorCode::kPermissionDenied:
    case ErrorCode::kInternal:
      return Internal();
  }
  return Internal();
}

Problem RunNotFound() {
  return {.status = 404,
          .code = "run_not_found",
          .title = "Run not found",
          .detail = "No run has this ID, it was deleted, or its retention period is over."};
}

Problem RunActive() {
  return {.status = 409,
          .code = "run_active",
          .title = "The run is still active",
          .detail = "Cancel the run, wait until it has ended, and then delete it."};
}

Problem QueueFull() {
  return {.status = 503,
          .code = "queue_full",
          .title = "The queue is full",
          .detail = "The run was not accepted. Submit it again later.",
          .retry_after_seconds = 5};
}

Problem UnsupportedMediaType(const std::string& content_type) {
  return {.status = 415,
          .code = "unsupported_media_type",
          .title = "Unsupported media type",
          .detail = "The header Content-Type must be application/json" +
                    (content_type.empty() ? std::string(".") : ", not " + content_type + ".")};
}

Problem MalformedJson(const std::string& detail) {
  return {.status = 400,
          .code = "malformed_json",
          .title = "The request body is not valid JSON",
          .detail = detail};
}

Problem InvalidRun(const std::vector<domain::Fault>& faults, bool has_more) {
  const bool only_size = std::all_of(faults.begin(), faults.end(),
                                     [](const auto& fault) { return fault.code == "too_large"; });
  Problem problem{.status = 422, .code = "invalid_run", .title = "The run is invalid"};
  if (only_size)
    problem = {.status = 413, .code = "run_too_large", .title = "The run is too large"};
  for (const domain::Fault& fault : faults) {
    problem.errors.push_back(
        {http::ProblemError::Place::kBody, fault.pointer, fault.code, fault.detail});
  }
  problem.has_more_errors = has_more;
  problem.detail = Sentences(problem);
  return problem;
}

Problem InvalidQuery(std::vector<http::ProblemError> errors) {
  Problem problem{.status = 400, .code = "invalid_query", .title = "Invalid query parameters"};
  problem.has_more_errors = errors.size() > domain::kMaxFaults;
  if (problem.has_more_errors) errors.resize(domain::kMaxFaults);
  problem.errors = std::move(errors);
  problem.detail = Sentences(problem);
  return problem;
}

}  // namespace oneshot::api
