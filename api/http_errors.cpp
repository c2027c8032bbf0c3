#include "api/http_errors.h"

#include <algorithm>

namespace oneshot::api {
namespace {

using base::ErrorCode;
using http::Problem;

Problem Internal() {
  return {.status = 500,
          .code = "internal",
          .title = "Something went wrong on our side",
          .detail = "The request's id helps to find out why."};
}

}  // namespace

Problem ToProblem(const base::Error& error) {
  switch (error.code) {
    case ErrorCode::kInvalidArgument:
      return {.status = 400, .code = "invalid_request", .title = "The request makes no sense"};
    case ErrorCode::kNotFound:
      return RunNotFound();
    case ErrorCode::kAlreadyExists:
    case ErrorCode::kConflict:
      return {.status = 409,
              .code = "conflict",
              .title = "The run has changed in the meantime",
              .detail = "Read it again, then decide."};
    case ErrorCode::kExpired:
      return {.status = 410, .code = "expired", .title = "This is no longer kept"};
    case ErrorCode::kUnavailable:
      return {.status = 503,
              .code = "unavailable",
              .title = "The database cannot be reached",
              .detail = "Nothing was changed; send the request again later.",
              .retry_after_seconds = std::max(2, error.retry_after_seconds)};
    case ErrorCode::kUnknownOutcome:
      return {.status = 503,
              .code = "unknown_outcome",
              .title = "The database did not confirm",
              .detail = "The request may have taken effect; look before sending it again.",
              .retry_after_seconds = std::max(2, error.retry_after_seconds)};
    case ErrorCode::kCancelled:
      return {.status = 503,
              .code = "shutting_down",
              .title = "This server is being stopped",
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
          .title = "There is no such run",
          .detail = "It was never submitted, was deleted, or is older than what is kept."};
}

Problem RunActive() {
  return {.status = 409,
          .code = "run_active",
          .title = "The run has not ended",
          .detail = "Cancel it, wait for its end, then delete it."};
}

Problem QueueFull() {
  return {.status = 503,
          .code = "queue_full",
          .title = "Too many runs are waiting",
          .detail = "The run was not accepted; submit it again later.",
          .retry_after_seconds = 5};
}

Problem UnsupportedMediaType(const std::string& content_type) {
  return {.status = 415,
          .code = "unsupported_media_type",
          .title = "The body must be JSON",
          .detail = "Send the header Content-Type: application/json" +
                    (content_type.empty() ? std::string(".") : ", not " + content_type + ".")};
}

Problem MalformedJson(const std::string& detail) {
  return {
      .status = 400, .code = "malformed_json", .title = "The body is not JSON", .detail = detail};
}

Problem InvalidRun(const std::vector<domain::Fault>& faults) {
  const bool only_size = std::all_of(faults.begin(), faults.end(),
                                     [](const auto& fault) { return fault.code == "too_large"; });
  Problem problem{
      .status = 422, .code = "invalid_run", .title = "The run cannot be accepted as it is"};
  if (only_size)
    problem = {.status = 413, .code = "run_too_large", .title = "A part of the run is too large"};
  for (const domain::Fault& fault : faults) {
    const std::string name = fault.pointer.empty() ? "The body" : fault.pointer;
    problem.detail += (problem.detail.empty() ? "" : " ") + name + " " + fault.detail + ".";
    problem.errors.push_back(
        {http::ProblemError::Place::kBody, fault.pointer, fault.code, fault.detail});
  }
  return problem;
}

Problem InvalidQuery(std::vector<http::ProblemError> errors) {
  Problem problem{.status = 400, .code = "invalid_query", .title = "The query makes no sense"};
  for (const auto& error : errors) {
    problem.detail += (problem.detail.empty() ? "" : " ") + error.name + " " + error.detail + ".";
  }
  problem.errors = std::move(errors);
  return problem;
}

}  // namespace oneshot::api
