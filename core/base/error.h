#pragma once

#include <string>

namespace oneshot::base {

/// Named after what the caller should do next.
enum class ErrorCode {
  /// The caller sent nonsense; never retry.
  kInvalidArgument,
  /// There is no such thing, which is often not an error at all.
  kNotFound,
  /// Read it back, check that it is ours, continue.
  kAlreadyExists,
  /// Someone was faster; re-read and redo the whole step.
  kConflict,
  /// Our position is none that the server has: too old (HTTP 410), or newer than a server that was
  /// restored; list again.
  kExpired,
  /// Retry this call later; may carry a delay.
  kUnavailable,
  /// It may have happened; read before acting, never repeat blindly.
  kUnknownOutcome,
  /// An operator must change something.
  kPermissionDenied,
  /// We were asked to stop.
  kCancelled,
  /// A defect of this program.
  kInternal,
};

struct Error {
  ErrorCode code{ErrorCode::kInternal};
  std::string message;
  /// Seconds the other side asked us to wait (Retry-After), 0 when it said nothing.
  int retry_after_seconds{0};
};

}  // namespace oneshot::base
