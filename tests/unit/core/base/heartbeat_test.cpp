#include "core/base/heartbeat.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "tests/support/hand_clock.h"

namespace oneshot::base {
namespace {

using std::chrono::seconds;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

struct HeartbeatTest : testing::Test {
  test::HandClock clock;
  Heartbeats heartbeats{clock};
};

TEST_F(HeartbeatTest, NobodyWatchedIsHealthy) { EXPECT_TRUE(heartbeats.Check()); }

TEST_F(HeartbeatTest, SilenceBeyondTheBoundIsToldWithTheName) {
  const Heartbeat stuck(heartbeats, "dispatch", seconds(30));
  Heartbeat well(heartbeats, "sweep", seconds(30));
  clock.now += seconds(30);
  EXPECT_TRUE(heartbeats.Check());
  well.Beat();
  clock.now += seconds(12);
  const Status status = heartbeats.Check();
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(status.error().message, AllOf(HasSubstr("dispatch (42 s)"), Not(HasSubstr("sweep"))));
}

TEST_F(HeartbeatTest, ABeatEndsTheSilence) {
  Heartbeat heartbeat(heartbeats, "dispatch", seconds(30));
  clock.now += seconds(31);
  EXPECT_FALSE(heartbeats.Check());
  heartbeat.Beat();
  EXPECT_TRUE(heartbeats.Check());
}

TEST_F(HeartbeatTest, WhoeverWaitsForWorkMayBeSilent) {
  Heartbeat heartbeat(heartbeats, "work", seconds(30));
  heartbeat.Rest();
  clock.now += seconds(3600);
  EXPECT_TRUE(heartbeats.Check());
  heartbeat.Beat();
  clock.now += seconds(31);
  EXPECT_FALSE(heartbeats.Check());
}

TEST_F(HeartbeatTest, AThreadThatHasEndedIsNotMissed) {
  std::optional<Heartbeat> heartbeat;
  heartbeat.emplace(heartbeats, "dispatch", seconds(30));
  heartbeat.reset();
  clock.now += seconds(3600);
  EXPECT_TRUE(heartbeats.Check());
}

}  // namespace
}  // namespace oneshot::base
