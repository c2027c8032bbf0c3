#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace oneshot::domain {

/// Where a run is. queued -> starting -> running -> one of the six that end it; an interrupted
/// attempt goes back to queued.
enum class RunStatus {
  /// Accepted, in PostgreSQL only.
  kQueued,
  /// Tied to a Job; its program has not begun.
  kStarting,
  /// Its program has begun.
  kRunning,
  /// Exit code 0.
  kSucceeded,
  /// Exit code other than 0, or ended by a signal.
  kFailed,
  /// Its wall or CPU time was used up.
  kTimedOut,
  /// Killed by its memory limit.
  kOutOfMemory,
  /// Its user cancelled it.
  kCancelled,
  /// The infrastructure failed, after the last attempt.
  kError,
};

inline constexpr std::array kAllRunStatuses{
    RunStatus::kQueued,      RunStatus::kStarting,  RunStatus::kRunning,
    RunStatus::kSucceeded,   RunStatus::kFailed,    RunStatus::kTimedOut,
    RunStatus::kOutOfMemory, RunStatus::kCancelled, RunStatus::kError};

/// The word used in the column, in JSON, in the label and on the page.
std::string_view ToString(RunStatus status);
std::optional<RunStatus> ParseRunStatus(std::string_view text);

/// A terminal status is written once and never changes.
bool IsTerminal(RunStatus status);

}  // namespace oneshot::domain
