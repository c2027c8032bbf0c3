#include "api/http/worker_pool.h"

#include <gtest/gtest.h>

#include <future>
#include <string>

#include "tests/support/wait_until.h"

namespace oneshot::api::http {
namespace {

/// Keeps the only worker busy until released.
struct Busy {
  explicit Busy(WorkerPool& pool) {
    std::promise<void> begun;
    auto has_begun = begun.get_future();
    pool.TryPost([&begun, gate = release.get_future().share()] {
      begun.set_value();
      gate.wait();
    });
    has_begun.wait();
  }
  std::promise<void> release;
};

TEST(WorkerPool, RefusesNewWorkWhenTheQueueIsFull) {
  WorkerPool pool(1, 2);
  Busy busy(pool);
  EXPECT_TRUE(pool.TryPost([] {}));
  EXPECT_TRUE(pool.TryPost([] {}));
  EXPECT_FALSE(pool.TryPost([] {}));
  EXPECT_EQ(pool.Queued(), 2U);
  busy.release.set_value();
}

TEST(WorkerPool, ContinuedWorkGoesAheadAndIsNeverRefused) {
  std::string order;
  {
    WorkerPool pool(1, 1);
    Busy busy(pool);
    EXPECT_TRUE(pool.TryPost([&] { order += "new"; }));
    pool.Post([&] { order += "first "; });
    pool.Post([&] { order += "second "; });
    busy.release.set_value();
  }
  EXPECT_EQ(order, "first second new");
}

TEST(WorkerPool, IsStuckWhileWorkWaitsAndNoneIsTaken) {
  WorkerPool pool(1, 8);
  Busy busy(pool);
  EXPECT_EQ(pool.StuckFor(), base::Milliseconds(0)) << "busy, but nothing waits";
  pool.Post([] {});
  EXPECT_TRUE(
      test::WaitUntil([&] { return pool.StuckFor() > base::Milliseconds(0); }, "being stuck"));
  busy.release.set_value();
  EXPECT_TRUE(
      test::WaitUntil([&] { return pool.StuckFor() == base::Milliseconds(0); }, "moving again"));
}

TEST(WorkerPool, StopRunsWhatIsQueuedAndNothingAfterwards) {
  int runs = 0;
  WorkerPool pool(1, 8);
  Busy busy(pool);
  pool.TryPost([&] { ++runs; });
  busy.release.set_value();
  pool.Stop();
  EXPECT_EQ(runs, 1);
  EXPECT_FALSE(pool.TryPost([&] { ++runs; }));
  pool.Post([&] { ++runs; });
  EXPECT_EQ(runs, 1);
}

}  // namespace
}  // namespace oneshot::api::http
