#include "controller/queue/work_queue.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "tests/support/hand_clock.h"

namespace oneshot::queue {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

const base::SystemClock kSystemClock;

TEST(WorkQueue, TakesAKeyOnceHoweverOftenItWasAdded) {
  WorkQueue queue(kSystemClock);
  queue.Add("a");
  queue.Add("b");
  queue.Add("a");
  EXPECT_EQ(queue.Size(), 2U);
  EXPECT_EQ(queue.Take({}), "a");
  EXPECT_EQ(queue.Take({}), "b");
  EXPECT_EQ(queue.Size(), 0U);
}

TEST(WorkQueue, AKeyAddedWhileHeldComesAgainAfterDoneAndNotBefore) {
  WorkQueue queue(kSystemClock);
  queue.Add("a");
  EXPECT_EQ(queue.Take({}), "a");
  queue.Add("a");
  EXPECT_EQ(queue.Size(), 0U) << "it is held";
  queue.Done("a");
  EXPECT_EQ(queue.Take({}), "a");
  queue.Done("a");
  EXPECT_EQ(queue.Size(), 0U);
}

TEST(WorkQueue, AStopEndsTheWait) {
  WorkQueue queue(kSystemClock);
  std::stop_source stop;
  std::optional<std::string> taken = "unset";
  std::jthread taker([&] { taken = queue.Take(stop.get_token()); });
  stop.request_stop();
  taker.join();
  EXPECT_FALSE(taken);
}

TEST(WorkQueue, ADelayedKeyComesByItself) {
  WorkQueue queue(kSystemClock);
  queue.AddAfter("late", milliseconds(20));
  EXPECT_EQ(queue.Size(), 0U);
  EXPECT_EQ(queue.Take({}), "late");
}

TEST(WorkQueue, OfTwoDelaysTheShorterCountsInEitherOrder) {
  WorkQueue queue(kSystemClock);
  queue.AddAfter("a", hours(1));
  queue.AddAfter("a", milliseconds(5));
  queue.AddAfter("b", milliseconds(10));
  queue.AddAfter("b", hours(1));
  EXPECT_EQ(queue.Take({}), "a");
  EXPECT_EQ(queue.Take({}), "b");
}

TEST(WorkQueue, AShorterDelayWakesATakerThatWaitsForALongerOne) {
  WorkQueue queue(kSystemClock);
  queue.AddAfter("slow", hours(1));
  std::optional<std::string> taken;
  std::jthread taker([&] { taken = queue.Take({}); });
  queue.AddAfter("fast", milliseconds(5));
  taker.join();
  EXPECT_EQ(taken, "fast");
}

TEST(WorkQueue, TellsWhenTheNextKeyIsDueAndNeverWaitsForIt) {
  test::HandClock clock;
  WorkQueue queue(clock);
  EXPECT_FALSE(queue.TryTake());
  EXPECT_FALSE(queue.NextDue());
  queue.AddAfter("late", milliseconds(20));
  EXPECT_FALSE(queue.TryTake());
  EXPECT_EQ(queue.NextDue(), clock.now + milliseconds(20));
  clock.now += milliseconds(20);
  EXPECT_EQ(queue.TryTake(), "late");
  EXPECT_FALSE(queue.NextDue());
  queue.Add("late");
  EXPECT_FALSE(queue.NextDue()) << "it is held";
  queue.Done("late");
  EXPECT_EQ(queue.NextDue(), clock.now);
  EXPECT_EQ(queue.TryTake(), "late");
}

TEST(WorkQueue, NoKeyIsEverHeldTwice) {
  WorkQueue queue(kSystemClock);
  constexpr int kKeys = 5;
  std::vector<std::atomic<int>> held(kKeys);
  std::atomic<int> taken{0};
  std::stop_source stop;
  {
    std::vector<std::jthread> takers;
    for (int i = 0; i < 4; ++i) {
      takers.emplace_back([&] {
        while (const auto key = queue.Take(stop.get_token())) {
          const auto index = static_cast<std::size_t>(std::stoi(*key));
          EXPECT_EQ(held[index].fetch_add(1), 0);
          held[index].fetch_sub(1);
          queue.Done(*key);
          if (++taken >= 2000) stop.request_stop();
        }
      });
    }
    for (int i = 0; !stop.stop_requested(); ++i) {
      queue.Add(std::to_string(i % kKeys));
      queue.AddAfter(std::to_string((i + 1) % kKeys), milliseconds(1));
    }
  }
}

}  // namespace
}  // namespace oneshot::queue
