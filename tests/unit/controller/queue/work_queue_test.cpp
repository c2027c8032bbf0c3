#include "controller/queue/work_queue.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace oneshot::queue {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

TEST(WorkQueue, TakesAKeyOnceHoweverOftenItWasAdded) {
  WorkQueue queue;
  queue.Add("a");
  queue.Add("b");
  queue.Add("a");
  EXPECT_EQ(queue.Size(), 2U);
  EXPECT_EQ(queue.Take({}), "a");
  EXPECT_EQ(queue.Take({}), "b");
  EXPECT_EQ(queue.Size(), 0U);
}

TEST(WorkQueue, AKeyAddedWhileHeldComesAgainAfterDoneAndNotBefore) {
  WorkQueue queue;
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
  WorkQueue queue;
  std::stop_source stop;
  std::optional<std::string> taken = "unset";
  std::jthread taker([&] { taken = queue.Take(stop.get_token()); });
  stop.request_stop();
  taker.join();
  EXPECT_FALSE(taken);
}

TEST(WorkQueue, ADelayedKeyComesByItself) {
  WorkQueue queue;
  queue.AddAfter("late", milliseconds(20));
  EXPECT_EQ(queue.Size(), 0U);
  EXPECT_EQ(queue.Take({}), "late");
}

TEST(WorkQueue, OfTwoDelaysTheShorterCountsInEitherOrder) {
  WorkQueue queue;
  queue.AddAfter("a", hours(1));
  queue.AddAfter("a", milliseconds(5));
  queue.AddAfter("b", milliseconds(10));
  queue.AddAfter("b", hours(1));
  EXPECT_EQ(queue.Take({}), "a");
  EXPECT_EQ(queue.Take({}), "b");
}

TEST(WorkQueue, AShorterDelayWakesATakerThatWaitsForALongerOne) {
  WorkQueue queue;
  queue.AddAfter("slow", hours(1));
  std::optional<std::string> taken;
  std::jthread taker([&] { taken = queue.Take({}); });
  queue.AddAfter("fast", milliseconds(5));
  taker.join();
  EXPECT_EQ(taken, "fast");
}

TEST(WorkQueue, NoKeyIsEverHeldTwice) {
  WorkQueue queue;
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
