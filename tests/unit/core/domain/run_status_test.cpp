#include "core/domain/run_status.h"

#include <gtest/gtest.h>

namespace oneshot::domain {
namespace {

TEST(RunStatus, WordsAreReadBackAndNothingElseIs) {
  for (const RunStatus status : kAllRunStatuses)
    EXPECT_EQ(ParseRunStatus(ToString(status)), status);
  EXPECT_FALSE(ParseRunStatus("Queued"));
  EXPECT_FALSE(ParseRunStatus(""));
}

TEST(RunStatus, ATerminalOneBecomesNothingElse) {
  for (const RunStatus from : kAllRunStatuses) {
    if (!IsTerminal(from)) continue;
    for (const RunStatus to : kAllRunStatuses)
      EXPECT_FALSE(CanBecome(from, to)) << ToString(from) << ToString(to);
  }
}

TEST(RunStatus, EveryOtherOneCanEndAndOnlyAnActiveOneReturnsToTheQueue) {
  for (const RunStatus from : {RunStatus::kStarting, RunStatus::kRunning}) {
    EXPECT_TRUE(CanBecome(from, RunStatus::kQueued));
    for (const RunStatus to : kAllRunStatuses) {
      if (IsTerminal(to)) {
        EXPECT_TRUE(CanBecome(from, to)) << ToString(to);
      }
    }
  }
  EXPECT_TRUE(CanBecome(RunStatus::kQueued, RunStatus::kStarting));
  EXPECT_TRUE(CanBecome(RunStatus::kQueued, RunStatus::kCancelled));
  EXPECT_FALSE(CanBecome(RunStatus::kQueued, RunStatus::kSucceeded));
  EXPECT_FALSE(CanBecome(RunStatus::kRunning, RunStatus::kStarting));
}

}  // namespace
}  // namespace oneshot::domain
