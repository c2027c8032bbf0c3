#include "api/run_watch.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

namespace oneshot::api {
namespace {

using FirstLook = RunWatch::FirstLook;
using Next = RunWatch::Next;
using Reason = RunWatch::Reason;

constexpr std::chrono::seconds kPatience{20};

/// Ends when the watcher was looked at for `reason`.
struct Seen {
  RunWatch::Look For(Reason reason) {
    return [this, reason](Reason given) {
      if (given != reason) return Next::kWait;
      promise.set_value();
      return Next::kDone;
    };
  }
  void Wait() { EXPECT_EQ(promise.get_future().wait_for(kPatience), std::future_status::ready); }
  std::promise<void> promise;
};

struct RunWatchTest : testing::Test {
  http::WorkerPool workers{2, 16};
  RunWatch watch{workers, 3};
  ~RunWatchTest() override {
    watch.Stop(kPatience);
    workers.Stop();
  }
};

TEST_F(RunWatchTest, ANotificationWakesTheRunsWatchersOnly) {
  Seen mine;
  Seen second;
  std::atomic<int> other{0};
  watch.Watch("a", FirstLook::kWhenChanged, {}, mine.For(Reason::kChanged));
  watch.Watch("a", FirstLook::kWhenChanged, {}, second.For(Reason::kChanged));
  watch.Watch("b", FirstLook::kWhenChanged, {}, [&](Reason reason) {
    if (reason == Reason::kChanged) ++other;
    return reason == Reason::kStopping ? Next::kDone : Next::kWait;
  });
  watch.Changed({"a", "unknown"});
  mine.Wait();
  second.Wait();
  EXPECT_EQ(other, 0);
}

TEST_F(RunWatchTest, LooksAtOnceWhenAsked) {
  Seen seen;
  watch.Watch("a", FirstLook::kAtOnce, {}, seen.For(Reason::kChanged));
  seen.Wait();
}

TEST_F(RunWatchTest, LooksByItselfNowAndThen) {
  Seen seen;
  watch.Watch("a", FirstLook::kWhenChanged, {}, seen.For(Reason::kSweep));
  seen.Wait();
}

TEST_F(RunWatchTest, LooksWhenTheTimeIsUp) {
  Seen seen;
  watch.Watch("a", FirstLook::kWhenChanged, std::chrono::steady_clock::now(),
              seen.For(Reason::kDeadline));
  seen.Wait();
}

TEST_F(RunWatchTest, ANewConnectionMeansLookingAtEverything) {
  Seen a;
  Seen b;
  watch.Watch("a", FirstLook::kWhenChanged, {}, a.For(Reason::kChanged));
  watch.Watch("b", FirstLook::kWhenChanged, {}, b.For(Reason::kChanged));
  watch.AllChanged();
  a.Wait();
  b.Wait();
}

TEST_F(RunWatchTest, AChangeDuringALookCausesOneMoreAndNeverTwoAtOnce) {
  std::promise<void> begun;
  std::promise<void> release;
  Seen again;
  std::atomic<int> looks{0};
  watch.Watch("a", FirstLook::kAtOnce, {}, [&](Reason) {
    if (++looks == 1) {
      begun.set_value();
      release.get_future().wait();
      return Next::kWait;
    }
    again.promise.set_value();
    return Next::kDone;
  });
  begun.get_future().wait();
  for (int i = 0; i < 5; ++i) watch.Changed({"a"});
  EXPECT_EQ(looks, 1);
  release.set_value();
  again.Wait();
  EXPECT_EQ(looks, 2);
}

TEST_F(RunWatchTest, RefusesMoreThanItCanWatchAndForgetsWhoIsDone) {
  Seen seen;
  const auto stay = [](Reason reason) {
    return reason == Reason::kStopping ? Next::kDone : Next::kWait;
  };
  EXPECT_TRUE(watch.Watch("a", FirstLook::kWhenChanged, {}, stay));
  EXPECT_TRUE(watch.Watch("b", FirstLook::kWhenChanged, {}, stay));
  EXPECT_TRUE(watch.Watch("c", FirstLook::kWhenChanged, {}, seen.For(Reason::kChanged)));
  EXPECT_FALSE(watch.Watch("d", FirstLook::kWhenChanged, {}, stay));
  watch.Changed({"c"});
  seen.Wait();
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (watch.Watchers() != 2 && std::chrono::steady_clock::now() < deadline)
    std::this_thread::yield();
  EXPECT_TRUE(watch.Watch("d", FirstLook::kWhenChanged, {}, stay));
}

TEST_F(RunWatchTest, ALookThatThrowsIsForgotten) {
  struct Guard {
    explicit Guard(std::promise<void>& promise) : gone(promise) {}
    ~Guard() { gone.set_value(); }
    std::promise<void>& gone;
  };
  std::promise<void> gone;
  auto guard = std::make_shared<Guard>(gone);
  watch.Watch("a", FirstLook::kAtOnce, {},
              [guard = std::move(guard)](Reason) -> Next { throw std::runtime_error("no"); });
  EXPECT_EQ(gone.get_future().wait_for(kPatience), std::future_status::ready);
}

TEST_F(RunWatchTest, StoppingTellsEverybodyAndTakesNobodyIn) {
  Seen seen;
  watch.Watch("a", FirstLook::kWhenChanged, {}, seen.For(Reason::kStopping));
  watch.Stop(kPatience);
  seen.Wait();
  EXPECT_EQ(watch.Watchers(), 0U);
  EXPECT_FALSE(watch.Watch("b", FirstLook::kWhenChanged, {}, [](Reason) { return Next::kDone; }));
}

}  // namespace
}  // namespace oneshot::api
