#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace oneshot::domain {

/// Where a run is. queued -> starting -> running -> one of the six that end it; an interrupted
/// attempt goes back to queued.
enum class RunStatus {
  kQueued,       // accepted, in PostgreSQL only
  kStarting,     // tied to a Job; its program has not begun
  kRunning,      // its program has begun
  kSucceeded,    // exit code 0
  kFailed,       // exit code other than 0, or ended by a signal
  kTimedOut,     // wall or CPU time
  kOutOfMemory,  // killed by its memory limit
  kCancelled,    // by its user
  kError,        // infrastructure, after the last attempt
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
