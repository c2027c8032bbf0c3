#include "core/domain/run_status.h"

namespace oneshot::domain {

std::string_view ToString(RunStatus status) {
  switch (status) {
    case RunStatus::kQueued:
      return "queued";
    case RunStatus::kStarting:
      return "starting";
    case RunStatus::kRunning:
      return "running";
    case RunStatus::kSucceeded:
      return "succeeded";
    case RunStatus::kFailed:
      return "failed";
    case RunStatus::kTimedOut:
      return "timed_out";
    case RunStatus::kOutOfMemory:
      return "out_of_memory";
    case RunStatus::kCancelled:
      return "cancelled";
    case RunStatus::kError:
      return "error";
  }
  return "error";
}

std::optional<RunStatus> ParseRunStatus(std::string_view text) {
  for (const RunStatus status : kAllRunStatuses) {
    if (ToString(status) == text) return status;
  }
  return std::nullopt;
}

bool IsTerminal(RunStatus status) {
  switch (status) {
    case RunStatus::kQueued:
    case RunStatus::kStarting:
    case RunStatus::kRunning:
      return false;
    case RunStatus::kSucceeded:
    case RunStatus::kFailed:
    case RunStatus::kTimedOut:
    case RunStatus::kOutOfMemory:
    case RunStatus::kCancelled:
    case RunStatus::kError:
      return true;
  }
  return true;
}

}  // namespace oneshot::domain
