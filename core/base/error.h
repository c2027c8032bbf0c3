#pragma once

#include <string>

namespace oneshot::base {

/// Named after what the caller should do next.
enum class ErrorCode {
  kInvalidArgument,   // the caller sent nonsense; never retry
  kNotFound,          // absence is an answer; often not an error at all
  kAlreadyExists,     // read it back, check that it is ours, continue
  kConflict,          // someone was faster; re-read and redo the whole step
  kExpired,           // our position is too old (HTTP 410); list again
  kUnavailable,       // retry this call later; may carry a delay
  kUnknownOutcome,    // it may have happened; read before acting, never repeat blindly
  kPermissionDenied,  // an operator must change something
  kCancelled,         // we were asked to stop
  kInternal,          // a defect of this program
};

struct Error {
  ErrorCode code{ErrorCode::kInternal};
  std::string message;
  /// Seconds the other side asked us to wait (Retry-After), 0 when it said nothing.
  int retry_after_seconds{0};
};

}  // namespace oneshot::base
