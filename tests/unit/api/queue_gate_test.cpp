#include "api/queue_gate.h"

#include <gtest/gtest.h>

#include "core/domain/run_id.h"
#include "tests/support/hand_clock.h"
#include "tests/support/store/cold_attempt.h"
#include "tests/support/store/memory_run_store.h"

namespace oneshot::api {
namespace {

struct QueueGateTest : testing::Test {
  std::optional<QueueBound> Enter(const std::string& submitter, std::size_t source_bytes = 1) {
    store::Submission submission{
        .id = domain::NewRunId(base::WallTime{} + std::chrono::milliseconds(++entered)),
        .spec = {.source = std::string(source_bytes, 'x')},
        .submitter = submitter};
    const auto exceeded = gate.Enter(submission);
    EXPECT_TRUE(exceeded);
    if (!*exceeded) {
      EXPECT_TRUE(store.Submit(submission));
    }
    return *exceeded;
  }

  int entered{0};
  test::HandClock clock;
  test::MemoryRunStore store{clock};
  QueueGate gate{
      store, clock, {.runs = 5, .runs_per_submitter = 3, .bytes = 1'000, .stored_bytes = 10'000}};
};

TEST_F(QueueGateTest, ASubmitterHasABoundOfItsOwn) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Enter("a"), std::nullopt);
  EXPECT_EQ(Enter("a"), QueueBound::kRunsPerSubmitter);
  EXPECT_EQ(Enter("b"), std::nullopt);
}

TEST_F(QueueGateTest, TheWholeQueueHasABound) {
  for (const char* each : {"a", "b", "c", "d", "e"}) EXPECT_EQ(Enter(each), std::nullopt);
  EXPECT_EQ(Enter("f"), QueueBound::kRuns);
}

TEST_F(QueueGateTest, BytesHaveABound) {
  EXPECT_EQ(Enter("a", 600), std::nullopt);
  EXPECT_EQ(Enter("b", 600), QueueBound::kBytes);
  EXPECT_EQ(Enter("b", 400), std::nullopt);
}

TEST_F(QueueGateTest, StoredRunsLeaveRoomForQueuedOnes) {
  const auto epoch = *store.TakeEpoch("test");
  for (int i = 0; i < 4; ++i) {
    Enter("a", 300);
    clock.now += QueueGate::kMeasureEvery;
    const auto claimed = store.Claim(epoch, {.cold_slots = 1});
    ASSERT_EQ(claimed->runs.size(), 1U);
    ASSERT_TRUE(store.Finish(epoch, test::ColdAttempt(claimed->runs.front().run.id, 1), {},
                             {.status = domain::RunStatus::kSucceeded}));
  }
  EXPECT_EQ(Enter("a", 900), QueueBound::kStoredBytes);
  EXPECT_EQ(Enter("a", 500), std::nullopt);
  ASSERT_EQ(*store.DeleteFinishedBeyond(5'000, 100), 2);
  clock.now += QueueGate::kMeasureEvery;
  EXPECT_EQ(Enter("a", 400), std::nullopt);
}

TEST_F(QueueGateTest, WhatLeftTheQueueIsSeenBeforeARefusal) {
  for (int i = 0; i < 3; ++i) Enter("a");
  ASSERT_TRUE(store.Claim(*store.TakeEpoch("test"), {.cold_slots = 1}));
  EXPECT_EQ(Enter("a"), QueueBound::kRunsPerSubmitter) << "it was measured a moment ago";
  clock.now += QueueGate::kMeasureAgain;
  EXPECT_EQ(Enter("a"), std::nullopt);
}

// Measuring at every submission would cost more than the submission.
TEST_F(QueueGateTest, TheQueueIsMeasuredOnceASecond) {
  Enter("a");
  const int calls = store.Calls();
  Enter("b");
  EXPECT_EQ(store.Calls(), calls + 1) << "the submission itself";
}

TEST_F(QueueGateTest, AnUnknownQueueLetsNobodyIn) {
  store.SetUnavailable(true);
  const auto exceeded = gate.Enter({.id = "r", .spec = {}, .submitter = "a"});
  ASSERT_FALSE(exceeded);
  EXPECT_EQ(exceeded.error().code, base::ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace oneshot::api
