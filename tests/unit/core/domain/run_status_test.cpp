#include "core/domain/run_status.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace oneshot::domain {
namespace {

TEST(RunStatus, WordsAreReadBackAndNothingElseIs) {
  for (const RunStatus status : kAllRunStatuses)
    EXPECT_EQ(ParseRunStatus(ToString(status)), status);
  EXPECT_FALSE(ParseRunStatus("Queued"));
  EXPECT_FALSE(ParseRunStatus(""));
}

TEST(RunStatus, SixEndARun) {
  EXPECT_EQ(std::ranges::count_if(kAllRunStatuses, IsTerminal), 6);
  for (const RunStatus status : {RunStatus::kQueued, RunStatus::kStarting, RunStatus::kRunning})
    EXPECT_FALSE(IsTerminal(status)) << ToString(status);
}

}  // namespace
}  // namespace oneshot::domain
