#include "api/queue_positions.h"

#include <gtest/gtest.h>

#include "core/domain/run_id.h"
#include "tests/support/hand_clock.h"
#include "tests/support/store/memory_run_store.h"

namespace oneshot::api {
namespace {

struct QueuePositionsTest : testing::Test {
  /// The position of a run accepted now.
  std::int64_t Accept(const std::string& submitter = "a") {
    const std::string id =
        domain::NewRunId(base::WallTime{} + std::chrono::milliseconds(++accepted));
    const store::Submission submission{.id = id, .spec = {}, .submitter = submitter};
    EXPECT_TRUE(store.Submit(submission));
    return *positions.OfNewRun(submission);
  }
  void ClaimOne() { ASSERT_TRUE(store.Claim(*store.TakeEpoch("test"), {.cold_slots = 1})); }

  int accepted{0};
  test::HandClock clock;
  test::MemoryRunStore store{clock};
  QueuePositions positions{store, clock};
};

TEST_F(QueuePositionsTest, AreExactInAShortQueue) {
  EXPECT_EQ(Accept(), 1);
  EXPECT_EQ(Accept(), 2);
  ClaimOne();
  EXPECT_EQ(Accept(), 2);
}

TEST_F(QueuePositionsTest, AreCountedNowAndThenInALongOne) {
  while (Accept() < QueuePositions::kLong) {
  }
  ClaimOne();
  EXPECT_EQ(Accept(), QueuePositions::kLong + 1);  // not seen yet
  clock.now += QueuePositions::kCountEvery;
  EXPECT_EQ(Accept(), QueuePositions::kLong + 1);  // one more accepted, one fewer waiting
}

// Review R15: the whole queue was counted for each look.
TEST_F(QueuePositionsTest, AreNotCountedWithoutEnd) {
  std::int64_t last = 0;
  for (std::int64_t i = 0; i < store::kMaxCountedAhead + 10; ++i) last = Accept();
  EXPECT_EQ(last, store::kMaxCountedAhead + 1);
  clock.now += QueuePositions::kCountEvery;
  EXPECT_EQ(Accept(), store::kMaxCountedAhead + 1);
}

TEST_F(QueuePositionsTest, ALongQueueOfOneSaysNothingOfAnother) {
  while (Accept() < QueuePositions::kLong) {
  }
  EXPECT_EQ(Accept("b"), 2) << "the queue is fair";
}

TEST_F(QueuePositionsTest, ARunThatIsGoneFromTheQueueHasNone) {
  const std::string id = domain::NewRunId({});
  const store::Submission submission{.id = id, .spec = {}, .submitter = {}};
  ASSERT_TRUE(store.Submit(submission));
  ClaimOne();
  EXPECT_EQ(*positions.OfNewRun(submission), 0);
}

}  // namespace
}  // namespace oneshot::api
