// The queue, and what a controller that holds a run may do with it.
#include "tests/contract/store/run_store_contract.h"

#include <gmock/gmock.h>

#include <set>
#include <thread>

namespace oneshot {
namespace {

using base::ErrorCode;
using domain::RunStatus;
using store::RunStore;
using testing::ElementsAre;
using testing::SizeIs;

TEST_P(RunStoreContract, RefusesAnIdTwiceAndAFullQueue) {
  const std::string id = Submit();
  EXPECT_EQ(store_->Submit(id, {}, now_, 1000).error().code, ErrorCode::kAlreadyExists);
  EXPECT_EQ(store_->Submit(domain::NewRunId(now_), {}, now_, 1).error().code, ErrorCode::kConflict);
}

TEST_P(RunStoreContract, ClaimsTheOldestAndNamesTheirJobs) {
  const std::string first = Submit();
  const std::string second = Submit();
  Submit();
  const auto claimed = Claim(Cold(2));
  ASSERT_THAT(claimed, SizeIs(2));
  EXPECT_EQ(claimed[0].run.id, first);
  EXPECT_EQ(claimed[1].run.id, second);
  EXPECT_EQ(claimed[0].run.job->name, "run-" + first + "-1");
  EXPECT_EQ(claimed[0].run.attempt, 1);
  EXPECT_EQ(claimed[0].run.status, RunStatus::kStarting);
  EXPECT_EQ(claimed[0].run.claimed_at, now_);
  EXPECT_EQ(claimed[0].run.spec.source, "print(6)");
  EXPECT_FALSE(claimed[0].recovered);
  EXPECT_EQ(store_->Get(first)->job->name, "run-" + first + "-1");
  EXPECT_THAT(Claim(Cold(5)), SizeIs(1));
  EXPECT_THAT(Claim(Cold(5)), SizeIs(0));
}

TEST_P(RunStoreContract, GivesWaitingJobsToRunsThatFitAndColdSlotsToTheRest) {
  const std::string large = Submit("large", 1024);
  const std::string scratch = Submit("scratch", 64, 16);
  const std::string small = Submit("small", 256);
  const auto claimed =
      Claim({.warm_job_names = {"warm-a", "warm-b"}, .pool_memory_mib = 256, .cold_slots = 1});
  ASSERT_THAT(claimed, SizeIs(2));
  EXPECT_EQ(claimed[0].run.id, large);
  EXPECT_EQ(claimed[0].run.job->name, "run-" + large + "-1");
  EXPECT_EQ(claimed[1].run.id, small);
  EXPECT_EQ(claimed[1].run.job->name, "warm-a");
  EXPECT_EQ(StatusOf(scratch), RunStatus::kQueued);
  EXPECT_THAT(*store_->ClaimedJobs({"warm-a", "warm-b"}), ElementsAre("warm-a"));
}

TEST_P(RunStoreContract, NeverTiesAJobTwice) {
  Submit();
  Submit();
  ASSERT_THAT(Claim({.warm_job_names = {"warm-a"}, .pool_memory_mib = 256, .cold_slots = 0}),
              SizeIs(1));
  const auto again = store_->Claim(epoch_, {{"warm-a"}, 256, 0}, now_);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::kAlreadyExists);
  EXPECT_EQ(*store_->CountQueued(), 1);
}

TEST_P(RunStoreContract, ConcurrentClaimsShareTheQueueWithoutOverlap) {
  for (int i = 0; i < 40; ++i) Submit();
  std::vector<std::vector<std::string>> ids(4);
  {
    std::vector<std::jthread> threads;
    for (auto& mine : ids) {
      threads.emplace_back([this, &mine] {
        while (true) {
          const auto claimed = store_->Claim(epoch_, Cold(3), now_);
          if (!claimed || claimed->empty()) return;
          for (const auto& each : *claimed) mine.push_back(each.run.id);
        }
      });
    }
  }
  std::set<std::string> all;
  std::size_t total = 0;
  for (const auto& mine : ids) {
    total += mine.size();
    all.insert(mine.begin(), mine.end());
  }
  // Skipped rows may leave some queued, but none may be claimed twice.
  EXPECT_EQ(all.size(), total);
  EXPECT_EQ(static_cast<std::int64_t>(total) + *store_->CountQueued(), 40);
}

TEST_P(RunStoreContract, RemembersThePodAsItBecomesKnown) {
  const std::string id = Submit();
  Claim(Cold(1));
  RunStore::Progress progress;
  progress.job = {.name = "", .pod = "p", .pod_uid = "u", .node = "", .image = ""};
  ASSERT_TRUE(store_->RecordProgress(epoch_, id, 1, progress));
  progress.job = {.name = "", .pod = "", .pod_uid = "", .node = "n", .image = "i"};
  ASSERT_TRUE(store_->RecordProgress(epoch_, id, 1, progress));
  const domain::JobRef want{
      .name = "run-" + id + "-1", .pod = "p", .pod_uid = "u", .node = "n", .image = "i"};
  EXPECT_EQ(store_->Get(id)->job, want);
  progress.job = {};
  ASSERT_TRUE(store_->RecordProgress(epoch_, id, 1, progress));
  EXPECT_EQ(store_->Get(id)->job, want);
  EXPECT_EQ(StatusOf(id), RunStatus::kStarting);
}

TEST_P(RunStoreContract, EndsARunOnceWithItsLastOutput) {
  const std::string id = Submit();
  Claim(Cold(1));
  auto progress = Output({Record(0, "6\n")});
  progress.started_at = now_;
  const auto later = now_ + std::chrono::milliseconds(20);
  ASSERT_TRUE(store_->Finish(epoch_, id, 1, progress, Succeeded(), later));
  const auto run = store_->Get(id);
  EXPECT_EQ(run->status, RunStatus::kSucceeded);
  EXPECT_EQ(run->outcome, Succeeded());
  EXPECT_EQ(run->started_at, now_);
  EXPECT_EQ(run->finished_at, later);
  EXPECT_THAT(OutputAfter(id, 1, -1, 100), SizeIs(1));

  auto failed = Succeeded();
  failed.status = RunStatus::kFailed;
  EXPECT_EQ(store_->Finish(epoch_, id, 1, progress, failed, later).error().code,
            ErrorCode::kConflict);
  EXPECT_EQ(store_->RecordProgress(epoch_, id, 1, Output({Record(1, "late")})).error().code,
            ErrorCode::kConflict);
  EXPECT_EQ(StatusOf(id), RunStatus::kSucceeded);
  EXPECT_THAT(OutputAfter(id, 1, -1, 100), SizeIs(1));
}

TEST_P(RunStoreContract, ANewEpochTakesOverAndTheOldOneCanWriteNoMore) {
  const std::string id = Submit();
  Submit();
  Claim(Cold(1));
  const std::int64_t newer = *store_->TakeEpoch("two");
  EXPECT_GT(newer, epoch_);
  EXPECT_THAT(Claim(Cold(5)), SizeIs(0)) << "the old epoch must not claim";
  const auto adopted = *store_->AdoptActive(newer);
  ASSERT_THAT(adopted, SizeIs(1));
  EXPECT_EQ(adopted[0].run.id, id);
  EXPECT_EQ(adopted[0].run.job->name, "run-" + id + "-1");
  EXPECT_EQ(adopted[0].run.spec.source, "print(6)");
  EXPECT_TRUE(adopted[0].recovered);
  EXPECT_THAT(*store_->AdoptActive(newer), SizeIs(0)) << "adopting again finds nothing new";
  EXPECT_EQ(store_->Finish(epoch_, id, 1, {}, Succeeded(), now_).error().code,
            ErrorCode::kConflict);
  EXPECT_EQ(store_->RecordProgress(epoch_, id, 1, {}).error().code, ErrorCode::kConflict);
  EXPECT_EQ(store_->Interrupt(epoch_, id, 1, {}, 3, now_).error().code, ErrorCode::kConflict);
  EXPECT_TRUE(store_->Finish(newer, id, 1, {}, Succeeded(), now_));
}

TEST_P(RunStoreContract, AnInterruptedRunWaitsAndIsClaimedAgainWithoutItsOutput) {
  const std::string id = Submit();
  Claim(Cold(1));
  auto progress = Output({Record(0, "half")});
  progress.started_at = now_;
  ASSERT_TRUE(store_->RecordProgress(epoch_, id, 1, progress));
  const store::Interruption lost{
      .reason = "pod_lost", .message = "node gone", .retry_after = std::chrono::seconds(5)};
  EXPECT_EQ(*store_->Interrupt(epoch_, id, 1, lost, 3, now_), RunStatus::kQueued);
  EXPECT_FALSE(store_->Get(id)->started_at);
  EXPECT_THAT(Claim(Cold(1)), SizeIs(0)) << "not due yet";
  now_ += std::chrono::seconds(5);
  const auto claimed = Claim(Cold(1));
  ASSERT_THAT(claimed, SizeIs(1));
  EXPECT_EQ(claimed[0].run.attempt, 2);
  EXPECT_EQ(claimed[0].run.job->name, "run-" + id + "-2");
  EXPECT_THAT(OutputAfter(id, 2, -1, 100), SizeIs(0));
  EXPECT_EQ(store_->Finish(epoch_, id, 1, {}, Succeeded(), now_).error().code, ErrorCode::kConflict)
      << "late news of the first attempt";
}

TEST_P(RunStoreContract, TheLastAttemptEndsInErrorWithItsReason) {
  const std::string id = Submit();
  const store::Interruption lost{.reason = "pod_lost",
                                 .message = std::string("bad \xff text\0.", 11)};
  Claim(Cold(1));
  EXPECT_EQ(*store_->Interrupt(epoch_, id, 1, lost, 2, now_), RunStatus::kQueued);
  Claim(Cold(1));
  EXPECT_EQ(*store_->Interrupt(epoch_, id, 2, lost, 2, now_), RunStatus::kError);
  const auto run = store_->Get(id);
  EXPECT_EQ(run->outcome->reason, "pod_lost");
  EXPECT_TRUE(run->finished_at);
  EXPECT_TRUE(run->claimed_at);
  EXPECT_FALSE(run->outcome->output_incomplete) << "the program never began";
}

TEST_P(RunStoreContract, CancelEndsAQueuedRunAndIsAWishForAnActiveOne) {
  const std::string active = Submit();
  Claim(Cold(1));
  const std::string queued = Submit();
  EXPECT_EQ(*store_->RequestCancel(queued, now_), RunStatus::kCancelled);
  EXPECT_EQ(store_->Get(queued)->outcome->reason, "cancelled");
  EXPECT_EQ(*store_->RequestCancel(active, now_), RunStatus::kStarting);
  EXPECT_TRUE(store_->Get(active)->cancel_requested);
  EXPECT_THAT(*store_->ListCancelRequested(epoch_), ElementsAre(active));
  EXPECT_EQ(*store_->Interrupt(epoch_, active, 1, {.reason = "pod_lost", .message = ""}, 3, now_),
            RunStatus::kCancelled)
      << "nobody wants it run again";
  EXPECT_THAT(*store_->ListCancelRequested(epoch_), SizeIs(0));
  EXPECT_EQ(*store_->RequestCancel(active, now_), RunStatus::kCancelled);
}

INSTANTIATE_TEST_SUITE_P(Stores, RunStoreContract,
                         testing::Values(StoreKind{"Memory", false}, StoreKind{"PostgreSql", true}),
                         [](const auto& parameter) { return parameter.param.name; });

}  // namespace
}  // namespace oneshot
