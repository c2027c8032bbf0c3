#include "api/http_errors.h"

#include <algorithm>

namespace oneshot::api {
namespace {

using base::ErrorCode;
using http::Problem;

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
      return {400, "invalid_request", "Invalid request"};
    case ErrorCode::kNotFound:
      return {404, "run_not_found", "Run not found",
              "No run has this ID, it was deleted, or its retention period is over."};
    case ErrorCode::kAlreadyExists:
    case ErrorCode::kConflict:
      return {409, "conflict", "The run has changed", "Read the run again; its state has changed."};
    case ErrorCode::kExpired:
      return {410, "expired", "No longer available"};
    case ErrorCode::kUnavailable:
      return {503, "unavailable", "The database is unavailable",
              "Nothing was changed. Send the request again later.",
              std::max(2, error.retry_after_seconds)};
    case ErrorCode::kUnknownOutcome:
      return {503, "unknown_outcome", "The outcome is unknown",
              "The database did not confirm the request, but it may have taken effect. "
              "Check before you send it again.",
              std::max(2, error.retry_after_seconds)};
    case ErrorCode::kCancelled:
      return http::ShuttingDown();
    case ErrorCode::kPermissionDenied:
    case ErrorCode::kInternal:
      break;
  }
  return http::InternalError();
}

Problem DisplayNotFound() {
  return {404, "display_not_found", "Nothing to show",
          "The run has not shown anything with this number, or it started over."};
}

Problem OutputFileNotFound() {
  return {404, "output_file_not_found", "No such file",
          "No file with this number has come back from the run, or it started over."};
}

Problem RunActive() {
  return {409, "run_active", "The run is still active",
          "Cancel the run, wait until it has ended, and then delete it."};
}

Problem TooManyFileReads() {
  return {503, "overloaded", "Too many requests",
          "The files of too many runs are being read. Try again later.",
          /*retry_after_seconds=*/1};
}

Problem RunEnded() {
  return {409, "run_ended", "The run has ended", "A run takes input only until it ends."};
}

Problem StdinNotOpen() {
  return {409, "stdin_not_open", "The run takes no further input",
          "It was submitted without stdin_open."};
}

Problem StdinEnded() {
  return {409, "stdin_ended", "The run takes no further input",
          "The end of its standard input has been sent."};
}

Problem StdinOutOfOrder(int next_seq) {
  return {409, "stdin_out_of_order", "Another piece of input comes first",
          "The next one has the number " + std::to_string(next_seq) + "."};
}

Problem StdinTooLarge(const store::StdinBounds& bounds) {
  return {413, "stdin_too_large", "The input is too large",
          "The limit for all that is sent to an active run is " + std::to_string(bounds.bytes) +
              " bytes and " + std::to_string(bounds.pieces) + " pieces."};
}

Problem StdinEmpty() {
  return {400, "stdin_empty", "There is no input",
          "Send bytes in the body, or the end of the input with ?end=true."};
}

Problem RunActiveYet() {
  return {409, "run_active", "The run is still active",
          "Wait until the run has ended, or cancel it, and then share it."};
}

Problem ShareNotFound() {
  return {404, "share_not_found", "Nothing is shared here",
          "Nothing was shared at this address, it was revoked, or its time is over."};
}

Problem WrongRevokeToken() {
  return {403, "wrong_revoke_token", "Not yours to revoke",
          "The header Revoke-Token must have the revoke_token that came with the new share."};
}

Problem TooManyShares(std::int64_t limit) {
  return {409, "too_many_shares", "You have too many shares",
          "The limit for one client is " + std::to_string(limit) +
              " shares. Revoke one, or wait until one expires."};
}

Problem SharesFull(std::int64_t bytes) {
  return {507, "shares_full", "There is no room for another share",
          "The limit is " + std::to_string(bytes) +
              " bytes of shared runs. Revoke a share, or wait until one expires."};
}

Problem InvalidShare(const std::vector<domain::Fault>& faults) {
  const bool is_large = faults.front().code == "too_large";
  Problem problem = is_large
                        ? Problem{413, "body_too_large", "The request body is too large"}
                        : Problem{422, "invalid_share", "This is not a request to share a run"};
  for (const domain::Fault& fault : faults) {
    problem.errors.push_back(
        {http::ProblemError::Place::kBody, fault.pointer, fault.code, fault.detail});
  }
  problem.detail = Sentences(problem);
  return problem;
}

Problem QueueFull(QueueBound exceeded, const QueueBounds& bounds) {
  constexpr int kRetryAfterSeconds = 5;
  const std::string again = " The run was not accepted. Submit it again later.";
  switch (exceeded) {
    case QueueBound::kRuns:
      return {503, "queue_full", "The queue is full",
              "The limit is " + std::to_string(bounds.runs) + " queued runs." + again,
              kRetryAfterSeconds};
    case QueueBound::kBytes:
      return {503, "queue_full", "The queue is full",
              "The limit is " + std::to_string(bounds.bytes) +
                  " bytes of queued programs and their input." + again,
              kRetryAfterSeconds};
    case QueueBound::kStoredBytes:
      return {503, "storage_full", "The storage is full",
              "The limit is " + std::to_string(bounds.stored_bytes) +
                  " bytes of runs, and older runs are being deleted." + again,
              2 * kRetryAfterSeconds};
    case QueueBound::kRunsPerSubmitter:
      return {429, "too_many_queued_runs", "You have too many runs in the queue",
              "The limit for one client is " + std::to_string(bounds.runs_per_submitter) +
                  " queued runs." + again,
              kRetryAfterSeconds};
  }
  return http::InternalError();
}

Problem InvalidIdempotencyKey(std::size_t size) {
  return {400, "invalid_idempotency_key", "Invalid Idempotency-Key",
          "The header Idempotency-Key must have 1 to " + std::to_string(kMaxIdempotencyKey) +
              " visible ASCII characters. It has " + std::to_string(size) +
              " bytes, or other characters."};
}

Problem IdempotencyKeyReused() {
  return {422, "idempotency_key_reused", "The Idempotency-Key was used for another submission",
          "The body differs from that of the request which used this key before. Use a new key for "
          "each submission. A key is known for 24 hours."};
}

Problem RunOfKeyDeleted(const std::string& run_id) {
  return {410, "expired", "No longer available",
          "The run " + run_id +
              " was accepted with this Idempotency-Key and deleted since. "
              "Nothing was accepted now."};
}

Problem UnsupportedMediaType(const std::string& content_type, const std::string& expected) {
  return {415, "unsupported_media_type", "Unsupported media type",
          "The header Content-Type must be " + expected +
              (content_type.empty() ? "." : ", not " + content_type + ".")};
}

Problem MalformedJson(const std::string& detail) {
  return {400, "malformed_json", "The request body is not valid JSON", detail};
}

Problem InvalidRun(const std::vector<domain::Fault>& faults, bool has_more) {
  const bool only_size = std::all_of(faults.begin(), faults.end(),
                                     [](const auto& fault) { return fault.code == "too_large"; });
  Problem problem = only_size ? Problem{413, "run_too_large", "The run is too large"}
                              : Problem{422, "invalid_run", "The run is invalid"};
  for (const domain::Fault& fault : faults) {
    problem.errors.push_back(
        {http::ProblemError::Place::kBody, fault.pointer, fault.code, fault.detail});
  }
  problem.has_more_errors = has_more;
  problem.detail = Sentences(problem);
  return problem;
}

Problem InvalidQuery(std::vector<http::ProblemError> errors) {
  Problem problem{400, "invalid_query", "Invalid query parameters"};
  problem.has_more_errors = errors.size() > domain::kMaxFaults;
  if (problem.has_more_errors) errors.resize(domain::kMaxFaults);
  problem.errors = std::move(errors);
  problem.detail = Sentences(problem);
  return problem;
}

}  // namespace oneshot::api
