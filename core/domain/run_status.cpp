#include "core/domain/run_status.h"

#include <algorithm>
#include <cstddef>

namespace oneshot::domain {
namespace {

/// In the order of kAllRunStatuses.
constexpr std::array<std::string_view, kAllRunStatuses.size()> kWords{
    "queued",    "starting",      "running",   "succeeded", "failed",
    "timed_out", "out_of_memory", "cancelled", "error"};

}  // namespace

std::string_view ToString(RunStatus status) { return kWords[static_cast<std::size_t>(status)]; }

std::optional<RunStatus> ParseRunStatus(std::string_view text) {
  const auto status = std::ranges::find(kAllRunStatuses, text, ToString);
  return status == kAllRunStatuses.end() ? std::nullopt : std::optional(*status);
}

bool IsTerminal(RunStatus status) {
  return status != RunStatus::kQueued && status != RunStatus::kStarting &&
         status != RunStatus::kRunning;
}

}  // namespace oneshot::domain
