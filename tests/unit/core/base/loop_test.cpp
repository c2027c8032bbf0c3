#include "core/base/loop.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace oneshot::base {
namespace {

using namespace std::chrono_literals;

/// Stops itself at the last of the pauses that it is given.
class Counting final : public Loop {
 public:
  explicit Counting(std::vector<std::chrono::nanoseconds> pauses) : pauses_(std::move(pauses)) {}

  std::chrono::nanoseconds Step(const std::stop_token& /*stop*/, bool was_woken) override {
    woken.push_back(was_woken);
    if (woken.size() == pauses_.size()) stop.request_stop();
    return pauses_[woken.size() - 1];
  }

  std::vector<bool> woken;
  std::stop_source stop;

 private:
  const std::vector<std::chrono::nanoseconds> pauses_;
};

TEST(Loop, AStepFollowsAtOnceOrAfterAPauseOrAWake) {
  Counting loop({0ns, 1h, 1ms, 0ns});
  loop.Wake();
  SystemClock clock;
  Heartbeats heartbeats(clock);
  Heartbeat heartbeat(heartbeats, "test", std::chrono::seconds(60));
  loop.Run(loop.stop.get_token(), heartbeat);
  EXPECT_EQ(loop.woken, (std::vector<bool>{false, false, true, false}))
      << "the wake-up ends the hour, the millisecond ends by itself";
}

TEST(Loop, AWakeIsTakenOnce) {
  Counting loop({1h});
  EXPECT_FALSE(loop.TakeWake());
  loop.Wake();
  loop.Wake();
  EXPECT_TRUE(loop.TakeWake());
  EXPECT_FALSE(loop.TakeWake());
}

}  // namespace
}  // namespace oneshot::base
