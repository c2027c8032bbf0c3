#include <gmock/gmock.h>

#include <algorithm>
#include <thread>

#include "core/store/migrate.h"
#include "tests/contract/store/run_store_contract.h"

// Who comes next, and how much one submitter may have (ADR 25).
namespace oneshot::store {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

class Fairness : public RunStoreContract {
 protected:
  std::string SubmitFor(const std::string& submitter, std::int64_t wall_ms = 10'000) {
    std::string id = NewId();
    domain::RunSpec spec;
    spec.limits.wall_ms = wall_ms;
    EXPECT_TRUE(store_->Submit({.id = id, .spec = spec, .submitter = submitter}));
    submitter_of_[id] = submitter;
    return id;
  }
  /// Whose run is claimed next; empty when none is.
  std::string Next() {
    const auto claimed = Claim(Cold(1));
    return claimed.empty() ? "" : submitter_of_.at(claimed.front().run.id);
  }
  std::string NextOf(int claims) {
    std::string whose;
    for (int i = 0; i < claims; ++i) whose += Next();
    return whose;
  }

  RunLook LookAt(const std::string& id) { return *store_->Look(id, {}, /*max_bytes=*/0); }

  std::map<std::string, std::string> submitter_of_;
};

// Review R5: 30 loops of one client kept another's print waiting for 74 s.
TEST_P(Fairness, ALongQueueOfOneDoesNotDelayAnother) {
  for (int i = 0; i < 20; ++i) SubmitFor("a");
  EXPECT_EQ(Next(), "a");
  const std::string id = SubmitFor("b");
  EXPECT_EQ(PositionOf(id), 1);
  EXPECT_EQ(NextOf(3), "baa");
}

TEST_P(Fairness, TwoLongQueuesTakeTurns) {
  for (int i = 0; i < 5; ++i) SubmitFor("a");
  for (int i = 0; i < 5; ++i) SubmitFor("b");
  EXPECT_EQ(NextOf(10), "ababababab");
}

TEST_P(Fairness, ARunCountsAsItsWallTimeLimit) {
  for (int i = 0; i < 6; ++i) SubmitFor("a", 20'000);
  for (int i = 0; i < 6; ++i) SubmitFor("b", 10'000);
  const std::string whose = NextOf(9);
  EXPECT_EQ(std::ranges::count(whose, 'a'), 3) << whose;
}

TEST_P(Fairness, WhoAlwaysHasAFewRunsWaitingTakesNoMoreThanAShare) {
  for (int i = 0; i < 10; ++i) SubmitFor("a");
  SubmitFor("b");
  std::string whose;
  for (int i = 0; i < 10; ++i) {
    SubmitFor("b");
    whose += Next();
  }
  EXPECT_EQ(std::ranges::count(whose, 'b'), 5) << whose;
}

TEST_P(Fairness, WhatOneHadLongAgoDoesNotCount) {
  for (int i = 0; i < 5; ++i) SubmitFor("a");
  EXPECT_EQ(NextOf(5), "aaaaa");
  for (int i = 0; i < 3; ++i) SubmitFor("b");
  EXPECT_EQ(NextOf(3), "bbb");
  SubmitFor("a");
  SubmitFor("b");
  EXPECT_EQ(NextOf(2), "ab") << "a waits no longer than one of b's runs";
}

TEST_P(Fairness, ACancelledRunReservesNothing) {
  for (int i = 0; i < 3; ++i) SubmitFor("a");
  const std::string cancelled = SubmitFor("a", 60'000);
  ASSERT_TRUE(store_->RequestCancel(cancelled));
  SubmitFor("a");
  for (int i = 0; i < 5; ++i) SubmitFor("b");
  EXPECT_EQ(NextOf(9), "ababababb");
}

TEST_P(Fairness, AnInterruptedRunKeepsItsPlace) {
  const std::string id = SubmitFor("a");
  for (int i = 0; i < 3; ++i) SubmitFor("a");
  EXPECT_EQ(Next(), "a");
  SubmitFor("b");
  ASSERT_TRUE(store_->Interrupt(epoch_, test::ColdAttempt(id, 1),
                                {.reason = "node_lost", .message = {}, .node = {}}, {}));
  EXPECT_EQ(PositionOf(id), 1);
}

TEST_P(Fairness, ASubmitterHasNoMoreActiveRunsThanItsBound) {
  for (int i = 0; i < 6; ++i) SubmitFor("a");
  ClaimRequest request = Cold(10);
  request.max_active_of_submitter = 2;
  const auto first = store_->Claim(epoch_, request);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->runs.size(), 2U);
  EXPECT_TRUE(first->has_more);
  EXPECT_THAT(Claim(request), IsEmpty());

  const std::string other = SubmitFor("b");
  const auto second = store_->Claim(epoch_, request);
  ASSERT_TRUE(second);
  ASSERT_EQ(second->runs.size(), 1U);
  EXPECT_EQ(second->runs.front().run.id, other);

  ASSERT_TRUE(store_->Finish(epoch_, test::ColdAttempt(first->runs.front().run.id, 1), {},
                             {.status = domain::RunStatus::kSucceeded, .reason = "exited"}));
  EXPECT_EQ(Claim(request).size(), 1U) << "one has ended";
}

TEST_P(Fairness, TheBoundCountsWarmAndColdTogether) {
  for (int i = 0; i < 6; ++i) SubmitFor("a");
  const auto claimed = Claim({.warm_job_names = {"warm-a", "warm-b"},
                              .pool_memory_mib = 256,
                              .cold_slots = 3,
                              .max_active_of_submitter = 3});
  EXPECT_EQ(claimed.size(), 3U);
}

TEST_P(Fairness, TheLastClaimLeavesNothing) {
  SubmitFor("a");
  SubmitFor("a");
  EXPECT_TRUE(store_->Claim(epoch_, Cold(1))->has_more);
  EXPECT_FALSE(store_->Claim(epoch_, Cold(1))->has_more);
}

TEST_P(Fairness, AStartIsEstimatedFromThePaceOfClaimsWhileRunsWaited) {
  std::string last;
  for (int i = 0; i < 8; ++i) last = SubmitFor("a");
  EXPECT_FALSE(LookAt(last).starts_in) << "nothing is known yet";
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(Next(), "a");
    Pass(seconds(2));
  }
  RunLook look = LookAt(last);
  EXPECT_EQ(look.queue_position, 4);
  ASSERT_TRUE(look.starts_in);
  // 8 s for 3 claims, four times; PostgreSQL's clock goes on by itself besides.
  EXPECT_GE(look.starts_in->count(), 10'000);
  EXPECT_LE(look.starts_in->count(), 40'000);
  Pass(seconds(60));
  EXPECT_GT(LookAt(last).starts_in->count(), 80'000) << "the pace is no longer kept";

  EXPECT_EQ(NextOf(4), "aaaa");
  EXPECT_FALSE(LookAt(last).starts_in) << "it is not queued";
}

TEST_P(Fairness, TheLoadIsToldBySubmitter) {
  SubmitFor("a");
  SubmitFor("a");
  SubmitFor("b");
  Submit("print(1)");  // its stdin and arguments are "in\n", "a" and "b \"c\""
  EXPECT_EQ(Next(), "a");
  const auto load = store_->MeasureQueue();
  ASSERT_TRUE(load);
  EXPECT_EQ(load->runs, 3);
  EXPECT_THAT(load->runs_of_submitter,
              ElementsAre(std::pair("a", 1), std::pair("b", 1), std::pair("one", 1)));
  EXPECT_GE(load->bytes, 8 + 3 + 6);
  EXPECT_LE(load->bytes, 8 + 3 + 6 + 40) << "and how they are stored";
}

INSTANTIATE_TEST_SUITE_P(Stores, Fairness,
                         testing::Values(StoreKind{"Memory", false}, StoreKind{"PostgreSql", true}),
                         [](const auto& parameter) { return parameter.param.name; });

TEST(PgFairness, SubmissionsAtTheSameMomentGetPlacesOfTheirOwn) {
  const test::TemporaryDatabase database;
  ASSERT_TRUE(Migrate(database.url()));
  PgRunStore store(database.url(), 8, seconds(10));
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 8; ++thread) {
      threads.emplace_back([&store, thread] {
        for (int i = 0; i < 20; ++i) {
          const base::WallTime time{std::chrono::milliseconds(1'000 * thread + i)};
          EXPECT_TRUE(store.Submit({.id = domain::NewRunId(time), .spec = {}, .submitter = "a"}));
        }
      });
    }
  }
  // Two may share a place when one is committed between another's count and its look at the queue;
  // without the count all that are under way would.
  EXPECT_NO_THROW(database.Execute(
      "DO $$ BEGIN IF (SELECT count(DISTINCT tag) < 40 FROM runs) THEN "
      "RAISE EXCEPTION 'only % places', (SELECT count(DISTINCT tag) FROM runs); END IF; END $$"));
}

}  // namespace
}  // namespace oneshot::store
