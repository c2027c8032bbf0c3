#include "controller/pool/pool_target.h"

#include <gtest/gtest.h>

namespace oneshot::pool {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

class PoolTargetTest : public testing::Test {
 protected:
  PoolTarget target_{{.minimum = 2, .maximum = 10}};
  base::MonotonicTime now_{hours(1)};
};

TEST_F(PoolTargetTest, IsTheMinimumWhereNobodyComes) {
  EXPECT_EQ(target_.Target(now_), 2);
  EXPECT_EQ(target_.Target(now_ + hours(8)), 2);
}

TEST_F(PoolTargetTest, ABurstRaisesItAtOnceUpToTheMaximum) {
  target_.OnArrivals(4, now_);
  EXPECT_EQ(target_.Target(now_), 6);
  target_.OnArrivals(500, now_);
  EXPECT_EQ(target_.Target(now_), 10);
}

TEST_F(PoolTargetTest, ABurstIsRememberedForAMinuteAndForgottenInTheNight) {
  target_.OnArrivals(6, now_);
  EXPECT_EQ(target_.Target(now_ + seconds(10)), 2 + 5);
  EXPECT_EQ(target_.Target(now_ + minutes(1)), 2 + 3);
  EXPECT_EQ(target_.Target(now_ + minutes(10)), 2);
}

TEST_F(PoolTargetTest, SteadyLoadHoldsWhatArrivesDuringOneRefill) {
  // Two runs a second, two seconds to refill: four on top of the minimum.
  for (int i = 0; i < 600; ++i) {
    now_ += milliseconds(500);
    target_.OnArrivals(1, now_);
  }
  EXPECT_NEAR(target_.Target(now_), 2 + 4, 1);
}

TEST_F(PoolTargetTest, ALoneRunNowAndThenAddsOne) {
  for (int i = 0; i < 10; ++i) {
    now_ += minutes(5);
    target_.OnArrivals(1, now_);
    EXPECT_EQ(target_.Target(now_), 3);
  }
}

TEST_F(PoolTargetTest, AMaximumOfZeroIsNoPool) {
  PoolTarget none{{.minimum = 0, .maximum = 0}};
  none.OnArrivals(100, now_);
  EXPECT_EQ(none.Target(now_), 0);
}

TEST_F(PoolTargetTest, AClockThatReadsEarlierChangesNothing) {
  target_.OnArrivals(4, now_);
  EXPECT_EQ(target_.Target(now_ - seconds(5)), 6);
}

}  // namespace
}  // namespace oneshot::pool
