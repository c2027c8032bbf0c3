#include "controller/lease/lease_judge.h"

#include <gtest/gtest.h>

namespace oneshot::lease {
namespace {

using namespace std::chrono_literals;

const base::MonotonicTime kStart{1'000'000s};
const base::WallTime kWall{};
constexpr Timing kTiming{.duration = 15s, .renew_deadline = 10s};

kube::Lease HeldBy(const std::string& holder, const std::string& version) {
  kube::Lease lease;
  lease.holder = holder;
  lease.resource_version = version;
  lease.transitions = 3;
  return lease;
}

TEST(LeaseTiming, TheDefaultReplacesAKilledLeaderWithinFiveSeconds) {
  const Timing timing;
  EXPECT_EQ(timing, Timing::For(4s));
  EXPECT_LE(timing.duration + 2 * 1.2 * timing.retry_period, 4700ms);
  EXPECT_LE(1.2 * timing.retry_period, 300ms) << "one that was stopped, within a second";
  EXPECT_GE(timing.renew_deadline, 2 * (1.2 * timing.retry_period + timing.call_timeout))
      << "a call that hangs leaves time for a second one";
}

TEST(LeaseJudge, TellsOthersADurationInWholeSecondsThatIsNotTooShort) {
  LeaseJudge judge("me", Timing::For(2500ms));
  judge.Observe(std::nullopt, kStart);
  EXPECT_EQ(judge.Decide(kStart, kWall)->duration_seconds, 3);
}

TEST(LeaseJudge, CreatesTheLeaseWhenThereIsNone) {
  LeaseJudge judge("me", kTiming);
  judge.Observe(std::nullopt, kStart);
  const auto lease = judge.Decide(kStart, kWall);
  ASSERT_TRUE(lease);
  EXPECT_EQ(lease->resource_version, "") << "so that it is created";
  EXPECT_EQ(lease->holder, "me");
  EXPECT_EQ(lease->duration_seconds, 15);
  EXPECT_EQ(lease->transitions, 0);
}

TEST(LeaseJudge, WaitsUntilAnothersRecordHasNotChangedForItsDuration) {
  LeaseJudge judge("me", kTiming);
  judge.Observe(HeldBy("other", "1"), kStart);
  EXPECT_FALSE(judge.Decide(kStart + 14s, kWall));
  judge.Observe(HeldBy("other", "2"), kStart + 14s);
  EXPECT_FALSE(judge.Decide(kStart + 28s, kWall)) << "it was renewed at 14 s";
  judge.Observe(HeldBy("other", "2"), kStart + 28s);
  const auto lease = judge.Decide(kStart + 29s, kWall);
  ASSERT_TRUE(lease);
  EXPECT_EQ(lease->holder, "me");
  EXPECT_EQ(lease->resource_version, "2") << "so that only one of several takes it";
  EXPECT_EQ(lease->transitions, 4);
}

TEST(LeaseJudge, TakesAReleasedLeaseAtOnce) {
  LeaseJudge judge("me", kTiming);
  judge.Observe(HeldBy("", "1"), kStart);
  const auto lease = judge.Decide(kStart, kWall);
  ASSERT_TRUE(lease);
  EXPECT_EQ(lease->resource_version, "1");
}

TEST(LeaseJudge, LeadsFromItsWriteUntilTheRenewDeadline) {
  LeaseJudge judge("me", kTiming);
  judge.Observe(HeldBy("", "1"), kStart);
  EXPECT_FALSE(judge.IsLeader(kStart));
  judge.Written(HeldBy("me", "2"), kStart);
  EXPECT_TRUE(judge.IsLeader(kStart + 9s));
  EXPECT_FALSE(judge.IsLeader(kStart + 10s)) << "five seconds before anybody may take over";
  judge.Written(HeldBy("me", "3"), kStart + 9s);
  EXPECT_TRUE(judge.IsLeader(kStart + 18s));
}

TEST(LeaseJudge, RenewsItsOwnWithoutCountingATransition) {
  LeaseJudge judge("me", kTiming);
  judge.Written(HeldBy("me", "2"), kStart);
  const auto lease = judge.Decide(kStart + 2s, kWall);
  ASSERT_TRUE(lease);
  EXPECT_EQ(lease->transitions, 3);
  EXPECT_EQ(lease->resource_version, "2");
}

TEST(LeaseJudge, StopsLeadingWhenAnotherHasTakenIt) {
  LeaseJudge judge("me", kTiming);
  judge.Written(HeldBy("me", "2"), kStart);
  judge.Observe(HeldBy("other", "3"), kStart + 1s);
  EXPECT_FALSE(judge.IsLeader(kStart + 1s));
  EXPECT_FALSE(judge.Decide(kStart + 1s, kWall));
  EXPECT_FALSE(judge.Release(kWall));
}

TEST(LeaseJudge, LeadsOnlyAfterAWriteEvenIfTheRecordNamesIt) {
  LeaseJudge judge("me", kTiming);
  judge.Observe(HeldBy("me", "2"), kStart);  // of an earlier life, or of a write in doubt
  EXPECT_FALSE(judge.IsLeader(kStart));
  const auto lease = judge.Decide(kStart, kWall);
  ASSERT_TRUE(lease);
  EXPECT_EQ(lease->resource_version, "2");
}

TEST(LeaseJudge, ReleasesOnlyItsOwn) {
  LeaseJudge judge("me", kTiming);
  EXPECT_FALSE(judge.Release(kWall));
  judge.Written(HeldBy("me", "2"), kStart);
  const auto released = judge.Release(kWall);
  ASSERT_TRUE(released);
  EXPECT_EQ(released->holder, "");
  EXPECT_EQ(released->resource_version, "2");
}

}  // namespace
}  // namespace oneshot::lease
