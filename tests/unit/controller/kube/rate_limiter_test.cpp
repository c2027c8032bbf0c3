#include "controller/kube/rate_limiter.h"

#include <gtest/gtest.h>

#include "controller/kube/backoff.h"

namespace oneshot::kube {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

const base::MonotonicTime kNow{1'000'000s};

TEST(RateLimiter, LetsABurstThroughAndThenSpreadsTheRest) {
  RateLimiter limiter(/*per_second=*/10, /*burst=*/3);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(limiter.Reserve(kNow), nanoseconds(0)) << i;
  EXPECT_EQ(limiter.Reserve(kNow), nanoseconds(100ms));
  EXPECT_EQ(limiter.Reserve(kNow), nanoseconds(200ms));
}

TEST(RateLimiter, IsFullAtFirstOnAMachineJustStarted) {
  RateLimiter limiter(/*per_second=*/0.001, /*burst=*/2);
  const base::MonotonicTime boot{};
  for (int i = 0; i < 2; ++i) EXPECT_EQ(limiter.Reserve(boot + 1s), nanoseconds(0)) << i;
  EXPECT_EQ(limiter.Reserve(boot + 1s), nanoseconds(1000s));
}

TEST(RateLimiter, GrowsBackToTheBurstAndNotBeyond) {
  RateLimiter limiter(/*per_second=*/10, /*burst=*/2);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(limiter.Reserve(kNow), nanoseconds(0));
  EXPECT_EQ(limiter.Reserve(kNow + 100ms), nanoseconds(0));
  for (int i = 0; i < 2; ++i) EXPECT_EQ(limiter.Reserve(kNow + 1h), nanoseconds(0));
  EXPECT_EQ(limiter.Reserve(kNow + 1h), nanoseconds(100ms));
}

TEST(Backoff, DoublesUpToItsCapAndStretchesAtMostTwofold) {
  Backoff backoff(100ms, 400ms);
  for (const auto base_pause : {100ms, 200ms, 400ms, 400ms}) {
    const auto pause = backoff.Next();
    EXPECT_GE(pause, base_pause);
    EXPECT_LE(pause, 2 * base_pause);
  }
  backoff.Reset();
  EXPECT_LE(backoff.Next(), 200ms);
}

}  // namespace
}  // namespace oneshot::kube
