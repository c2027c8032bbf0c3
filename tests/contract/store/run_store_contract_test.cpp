// The queue, and what a controller that holds a run may do with it.
#include "tests/contract/store/run_store_contract.h"

#include <gmock/gmock.h>

#include <set>
#include <thread>

namespace oneshot {
namespace {

using base::ErrorCode;
using domain::RunStatus;
using testing::Each;
using testing::ElementsAre;
using testing::SizeIs;
using testing::UnorderedElementsAre;

TEST_P(RunStoreContract, RefusesAnIdTwiceAndAFullQueue) {
  const std::string id = Submit();
  EXPECT_EQ(store_->Submit({.id = id, .spec = {}, .submitter = {}}).error().code,
            ErrorCode::kAlreadyExists);
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
  EXPECT_GE(claimed[0].run.claimed_at, claimed[0].run.created_at);
  EXPECT_EQ(claimed[0].next_seq, 0);
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
  const auto again = store_->Claim(epoch_, {{"warm-a"}, 256, 0});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::kAlreadyExists);
  EXPECT_EQ(store_->MeasureQueue()->runs, 1);
}

TEST_P(RunStoreContract, ConcurrentClaimsShareTheQueueWithoutOverlap) {
  for (int i = 0; i < 40; ++i) Submit();
  std::vector<std::vector<std::string>> ids(4);
  {
    std::vector<std::jthread> threads;
    for (auto& mine : ids) {
      threads.emplace_back([this, &mine] {
        while (true) {
          const auto claimed = store_->Claim(epoch_, Cold(3));
          if (!claimed || claimed->runs.empty()) return;
          for (const auto& each : claimed->runs) mine.push_back(each.run.id);
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
  EXPECT_EQ(static_cast<std::int64_t>(total) + store_->MeasureQueue()->runs, 40);
}

TEST_P(RunStoreContract, RemembersThePodAsItBecomesKnown) {
  const std::string id = Submit();
  Claim(Cold(1));
  store::Progress progress;
  progress.job = {.name = "", .pod = "p", .pod_uid = "u", .node = "", .image = ""};
  ASSERT_TRUE(store_->RecordProgress(epoch_, test::ColdAttempt(id, 1), progress));
  progress.job = {.name = "",
                  .pod = "",
                  .pod_uid = "",
                  .node = "n",
                  .image = "i",
                  .snapshot = "restored",
                  .sandbox = domain::Sandbox{.landlock = 7, .seccomp = true}};
  ASSERT_TRUE(store_->RecordProgress(epoch_, test::ColdAttempt(id, 1), progress));
  domain::JobRef want = progress.job;
  want.name = "run-" + id + "-1";
  want.pod = "p";
  want.pod_uid = "u";
  EXPECT_EQ(store_->Get(id)->job, want);
  progress.job = {};
  ASSERT_TRUE(store_->RecordProgress(epoch_, test::ColdAttempt(id, 1), progress));
  EXPECT_EQ(store_->Get(id)->job, want);
  EXPECT_EQ(StatusOf(id), RunStatus::kStarting);
}

TEST_P(RunStoreContract, ANewEpochTakesOverAndTheOldOneCanWriteNoMore) {
  const std::string id = Submit();
  Submit();
  Claim(Cold(1));
  ASSERT_EQ(*store_->RecordProgress(epoch_, test::ColdAttempt(id, 1), Begun({Record(0, "a")})), 1);
  const std::int64_t newer = *store_->TakeEpoch("two");
  EXPECT_GT(newer, epoch_);
  EXPECT_THAT(Claim(Cold(5)), SizeIs(0)) << "the old epoch must not claim";
  const auto adopted = *store_->AdoptActive(newer, {id});
  ASSERT_THAT(adopted, SizeIs(1)) << "known or not: it was another's";
  EXPECT_EQ(adopted[0].run.id, id);
  EXPECT_EQ(adopted[0].run.job->name, "run-" + id + "-1");
  EXPECT_EQ(adopted[0].run.spec.source, "print(6)");
  EXPECT_EQ(adopted[0].next_seq, 1);
  EXPECT_TRUE(adopted[0].recovered);
  EXPECT_EQ(store_->AdoptActive(epoch_, {}).error().code, ErrorCode::kConflict)
      << "the old epoch must not adopt";
  EXPECT_EQ(store_->Finish(epoch_, test::ColdAttempt(id, 1), {}, Succeeded()).error().code,
            ErrorCode::kConflict);
  EXPECT_EQ(store_->RecordProgress(epoch_, test::ColdAttempt(id, 1), {}).error().code,
            ErrorCode::kConflict);
  EXPECT_EQ(store_->Interrupt(epoch_, test::ColdAttempt(id, 1), Lost(), kLimits).error().code,
            ErrorCode::kConflict);
  EXPECT_EQ(store_->Retire(epoch_, {"warm-a"}).error().code, ErrorCode::kConflict);
  EXPECT_THAT(*store_->ClaimedJobs({"warm-a"}), SizeIs(0));
  EXPECT_TRUE(store_->Finish(newer, test::ColdAttempt(id, 1), {}, Succeeded()));
}

// A database that lost a claim in a failover hands the attempt out again, in the same epoch and
// with another Job; the controller may be writing about the former one still.
TEST_P(RunStoreContract, AnAttemptBelongsToItsJob) {
  const std::string id = Submit();
  Claim({.warm_job_names = {"warm-b"}, .pool_memory_mib = 512});
  const store::AttemptRef former = test::ColdAttempt(id, 1);
  EXPECT_EQ(store_->RecordProgress(epoch_, former, Begun({Record(0, "a")})).error().code,
            ErrorCode::kConflict);
  EXPECT_EQ(store_->Finish(epoch_, former, Output({Record(0, "a")}), Succeeded()).error().code,
            ErrorCode::kConflict);
  EXPECT_EQ(store_->Interrupt(epoch_, former, Lost(), kLimits).error().code, ErrorCode::kConflict);
  EXPECT_EQ(StatusOf(id), RunStatus::kStarting);
  EXPECT_THAT(OutputAfter(id, 1, -1, 100), SizeIs(0));
  const store::AttemptRef current{.run_id = id, .attempt = 1, .job_name = "warm-b"};
  EXPECT_EQ(*store_->RecordProgress(epoch_, current, Begun({Record(0, "b")})), 1);
  EXPECT_EQ(*store_->Interrupt(epoch_, current, Lost(), kLimits), RunStatus::kQueued);
  EXPECT_EQ(store_->Interrupt(epoch_, former, Lost(), kLimits).error().code, ErrorCode::kConflict)
      << "it was not given up before";
}

// Review R11: nobody took over a row of the own epoch whose claim was never answered.
TEST_P(RunStoreContract, AdoptsWhatItsOwnEpochDoesNotKnow) {
  const std::string known = Submit();
  const std::string lost = Submit();
  Claim(Cold(2));
  EXPECT_THAT(*store_->AdoptActive(epoch_, {known, lost}), SizeIs(0));
  for (int i = 0; i < 2; ++i) {
    const auto adopted = *store_->AdoptActive(epoch_, {known});
    ASSERT_THAT(adopted, SizeIs(1));
    EXPECT_EQ(adopted[0].run.id, lost);
    EXPECT_TRUE(adopted[0].recovered);
  }
}

// Review R6: a Job was destroyed while another controller gave it away.
TEST_P(RunStoreContract, ARetiredJobGetsNoRunAndAJobInUseIsNotRetired) {
  const std::string id = Submit();
  const store::ClaimRequest pool{
      .warm_job_names = {"warm-a"}, .pool_memory_mib = 256, .cold_slots = 0};
  ASSERT_THAT(Claim(pool), SizeIs(1));
  EXPECT_THAT(*store_->Retire(epoch_, {"warm-a"}), SizeIs(0));
  EXPECT_THAT(*store_->Retire(epoch_, {"warm-b", "warm-a", "warm-b"}), Each("warm-b"));
  EXPECT_THAT(*store_->Retire(epoch_, {"warm-b"}), ElementsAre("warm-b")) << "again";
  EXPECT_THAT(*store_->Retire(epoch_, {}), SizeIs(0));
  EXPECT_THAT(*store_->ClaimedJobs({"warm-a", "warm-b", "warm-c"}),
              UnorderedElementsAre("warm-a", "warm-b"));

  Submit();
  const auto refused =
      store_->Claim(epoch_, {.warm_job_names = {"warm-b"}, .pool_memory_mib = 256});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kAlreadyExists);
  EXPECT_EQ(store_->MeasureQueue()->runs, 1);

  const store::AttemptRef attempt{.run_id = id, .attempt = 1, .job_name = "warm-a"};
  ASSERT_TRUE(store_->Finish(epoch_, attempt, {}, Succeeded()));
  EXPECT_THAT(*store_->Retire(epoch_, {"warm-a"}), ElementsAre("warm-a")) << "its run has ended";
}

TEST_P(RunStoreContract, TheJobOfAnEarlierAttemptMayBeDestroyed) {
  const std::string id = Submit();
  Claim(Cold(1));
  ASSERT_TRUE(store_->Interrupt(epoch_, test::ColdAttempt(id, 1), Lost(), kLimits));
  Claim(Cold(1));
  const std::string first = "run-" + id + "-1";
  EXPECT_THAT(*store_->Retire(epoch_, {first, "run-" + id + "-2"}), ElementsAre(first));
}

TEST_P(RunStoreContract, AClaimAndARetirementAtOnceAgree) {
  for (int i = 0; i < 20; ++i) {
    Submit();
    const std::string job = "warm-" + std::to_string(i);
    bool is_claimed = false;
    bool is_retired = false;
    {
      const std::jthread claiming([&] {
        const auto claimed =
            store_->Claim(epoch_, {.warm_job_names = {job}, .pool_memory_mib = 256});
        is_claimed = claimed && !claimed->runs.empty();
      });
      const std::jthread retiring([&] {
        const auto retired = store_->Retire(epoch_, {job});
        is_retired = retired && !retired->empty();
      });
    }
    EXPECT_FALSE(is_claimed && is_retired) << job;
    EXPECT_TRUE(is_claimed || is_retired) << job;
  }
}

TEST_P(RunStoreContract, CancelEndsAQueuedRunAndIsAWishForAnActiveOne) {
  const std::string active = Submit();
  Claim(Cold(1));
  const std::string queued = Submit();
  EXPECT_EQ(*store_->RequestCancel(queued), RunStatus::kCancelled);
  EXPECT_EQ(store_->Get(queued)->outcome->reason, "cancelled");
  EXPECT_EQ(*store_->RequestCancel(active), RunStatus::kStarting);
  EXPECT_TRUE(store_->Get(active)->cancel_requested);
  EXPECT_THAT(*store_->ListCancelRequested(epoch_), ElementsAre(active));
  EXPECT_EQ(*store_->Interrupt(epoch_, test::ColdAttempt(active, 1), Lost(), kLimits),
            RunStatus::kCancelled)
      << "nobody wants it run again";
  EXPECT_THAT(*store_->ListCancelRequested(epoch_), SizeIs(0));
  EXPECT_EQ(*store_->RequestCancel(active), RunStatus::kCancelled);
}

INSTANTIATE_TEST_SUITE_P(Stores, RunStoreContract,
                         testing::Values(StoreKind{"Memory", false}, StoreKind{"PostgreSql", true}),
                         [](const auto& parameter) { return parameter.param.name; });

}  // namespace
}  // namespace oneshot
