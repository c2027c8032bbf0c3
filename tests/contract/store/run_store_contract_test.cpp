// One suite, two stores: what is promised in run_store.h holds in memory and in PostgreSQL alike.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <set>
#include <thread>

#include "core/domain/run_id.h"
#include "core/store/migrate.h"
#include "core/store/pg_run_store.h"
#include "tests/support/store/memory_run_store.h"
#include "tests/support/store/temporary_database.h"

namespace oneshot {
namespace {

using base::ErrorCode;
using domain::OutputRecord;
using domain::RunStatus;
using domain::Stream;
using store::ClaimRequest;
using store::RunStore;
using testing::ElementsAre;
using testing::SizeIs;

struct StoreKind {
  const char* name;
  bool postgres;
};

class RunStoreContract : public testing::TestWithParam<StoreKind> {
 protected:
  void SetUp() override {
    if (!GetParam().postgres) {
      store_ = std::make_unique<test::MemoryRunStore>();
    } else {
      database_ = std::make_unique<test::TemporaryDatabase>();
      const auto migrated = store::Migrate(database_->url());
      ASSERT_TRUE(migrated) << migrated.error().message;
      store_ = std::make_unique<store::PgRunStore>(database_->url(), 4);
    }
    epoch_ = *store_->TakeEpoch("one");
  }

  std::string Submit(const std::string& source = "print(6)", std::int64_t memory_mib = 256,
                     std::int64_t scratch_mib = 0) {
    now_ += std::chrono::milliseconds(5);
    const std::string id = domain::NewRunId(now_);
    domain::RunSpec spec{
        .source = source, .stdin_data = "in\n", .args = {"a", "b \"c\""}, .limits = {}};
    spec.limits.memory_mib = memory_mib;
    spec.limits.scratch_mib = scratch_mib;
    const auto submitted = store_->Submit(id, spec, now_, 1000);
    EXPECT_TRUE(submitted) << submitted.error().message;
    return id;
  }

  std::vector<store::ClaimedRun> Claim(const ClaimRequest& request) {
    auto claimed = store_->Claim(epoch_, request, now_);
    EXPECT_TRUE(claimed) << claimed.error().message;
    return claimed ? *claimed : std::vector<store::ClaimedRun>{};
  }
  static ClaimRequest Cold(int slots) {
    return {.warm_job_names = {}, .pool_memory_mib = 0, .cold_slots = slots};
  }

  RunStatus StatusOf(const std::string& id) { return store_->Get(id)->status; }

  static domain::Outcome Succeeded() {
    domain::Outcome outcome;
    outcome.status = RunStatus::kSucceeded;
    outcome.reason = "exited";
    outcome.exit_code = 0;
    outcome.stdout_bytes = {.produced = 5, .dropped = 2};
    outcome.wall_ms = 12;
    outcome.cpu_ms = 11;
    outcome.peak_memory_bytes = 1 << 20;
    return outcome;
  }
  static OutputRecord Record(std::int64_t seq, std::string data, Stream stream = Stream::kStdout) {
    return {.seq = seq, .stream = stream, .ms = seq * 2, .data = std::move(data)};
  }
  static RunStore::Progress Output(std::vector<OutputRecord> records) {
    return {.job = {}, .started_at = {}, .records = std::move(records)};
  }

  std::unique_ptr<test::TemporaryDatabase> database_;
  std::unique_ptr<RunStore> store_;
  std::int64_t epoch_{0};
  base::WallTime now_{std::chrono::milliseconds(1'700'000'000'000)};
};

TEST_P(RunStoreContract, KeepsASubmissionAsItCame) {
  const std::string id = Submit("print('é\\n')", 300);
  const auto run = store_->Get(id);
  ASSERT_TRUE(run);
  EXPECT_EQ(run->spec.source, "print('é\\n')");
  EXPECT_EQ(run->spec.stdin_data, "in\n");
  EXPECT_THAT(run->spec.args, ElementsAre("a", "b \"c\""));
  EXPECT_EQ(run->spec.limits.memory_mib, 300);
  EXPECT_EQ(run->status, RunStatus::kQueued);
  EXPECT_EQ(run->attempt, 0);
  EXPECT_EQ(run->created_at, now_);
  EXPECT_FALSE(run->job || run->outcome || run->claimed_at || run->started_at || run->finished_at);
}

TEST_P(RunStoreContract, SaysWhenThereIsNoSuchRun) {
  const std::string id = domain::NewRunId(now_);
  EXPECT_EQ(store_->Get(id).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(store_->GetState(id).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(store_->ReadOutput(id, 1, -1, 100).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(store_->RequestCancel(id, now_).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(store_->Delete(id).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(*store_->QueuePosition(id), 0);
}

TEST_P(RunStoreContract, RefusesAnIdTwiceAndAFullQueue) {
  const std::string id = Submit();
  EXPECT_EQ(store_->Submit(id, {}, now_, 1000).error().code, ErrorCode::kAlreadyExists);
  EXPECT_EQ(store_->Submit(domain::NewRunId(now_), {}, now_, 1).error().code, ErrorCode::kConflict);
}

TEST_P(RunStoreContract, TellsThePlaceInTheQueue) {
  const std::string first = Submit();
  const std::string second = Submit();
  EXPECT_EQ(*store_->QueuePosition(first), 1);
  EXPECT_EQ(*store_->QueuePosition(second), 2);
  Claim(Cold(1));
  EXPECT_EQ(*store_->QueuePosition(first), 0);
  EXPECT_EQ(*store_->QueuePosition(second), 1);
  EXPECT_EQ(*store_->CountQueued(), 1);
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

TEST_P(RunStoreContract, StoresOutputByteForByteAndOnce) {
  const std::string id = Submit();
  Claim(Cold(1));
  std::string every_byte;
  for (int i = 0; i < 256; ++i) every_byte += static_cast<char>(i);
  auto progress = Output({Record(0, every_byte), Record(1, "", Stream::kStderr)});
  progress.records[1].dropped_bytes = 7;
  progress.started_at = now_;
  ASSERT_TRUE(store_->RecordProgress(epoch_, id, 1, progress));
  progress.records.push_back(Record(2, "{\"quoted\\\"}", Stream::kDisplay));
  progress.records[2].mime = "image/png";
  progress.records[2].part = 1;
  progress.records[2].parts = 3;
  ASSERT_TRUE(store_->RecordProgress(epoch_, id, 1, progress));
  const auto page = store_->ReadOutput(id, 1, -1, 1 << 20);
  EXPECT_EQ(page->attempt, 1);
  EXPECT_EQ(page->records, progress.records);
  EXPECT_EQ(StatusOf(id), RunStatus::kRunning);
  EXPECT_EQ(store_->Get(id)->started_at, now_);
}

TEST_P(RunStoreContract, PagesOutputByPositionAndBytes) {
  const std::string id = Submit();
  Claim(Cold(1));
  ASSERT_TRUE(store_->RecordProgress(
      epoch_, id, 1, Output({Record(0, "aaaa"), Record(1, "bbbb"), Record(2, "cc")})));
  EXPECT_THAT(store_->ReadOutput(id, 1, -1, 5)->records, SizeIs(2));
  EXPECT_THAT(store_->ReadOutput(id, 1, -1, 1)->records, SizeIs(1));
  EXPECT_THAT(store_->ReadOutput(id, 1, 1, 100)->records, ElementsAre(Record(2, "cc")));
  EXPECT_THAT(store_->ReadOutput(id, 1, 2, 100)->records, SizeIs(0));
  // Someone who saw another attempt starts over.
  EXPECT_THAT(store_->ReadOutput(id, 7, 2, 100)->records, SizeIs(3));
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
  EXPECT_THAT(store_->ReadOutput(id, 1, -1, 100)->records, SizeIs(1));

  auto failed = Succeeded();
  failed.status = RunStatus::kFailed;
  EXPECT_EQ(store_->Finish(epoch_, id, 1, progress, failed, later).error().code,
            ErrorCode::kConflict);
  EXPECT_EQ(store_->RecordProgress(epoch_, id, 1, Output({Record(1, "late")})).error().code,
            ErrorCode::kConflict);
  EXPECT_EQ(StatusOf(id), RunStatus::kSucceeded);
  EXPECT_THAT(store_->ReadOutput(id, 1, -1, 100)->records, SizeIs(1));
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
  EXPECT_THAT(store_->ReadOutput(id, 2, -1, 100)->records, SizeIs(0));
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

TEST_P(RunStoreContract, DeletesFinishedRunsOnly) {
  const std::string id = Submit();
  EXPECT_EQ(store_->Delete(id).error().code, ErrorCode::kConflict);
  Claim(Cold(1));
  EXPECT_EQ(store_->Delete(id).error().code, ErrorCode::kConflict);
  ASSERT_TRUE(store_->Finish(epoch_, id, 1, Output({Record(0, "x")}), Succeeded(), now_));
  EXPECT_TRUE(store_->Delete(id));
  EXPECT_EQ(store_->Get(id).error().code, ErrorCode::kNotFound);
}

TEST_P(RunStoreContract, RetentionDeletesWhatFinishedBeforeAMoment) {
  const std::string old_run = Submit();
  const std::string new_run = Submit();
  const std::string queued = Submit();
  Claim(Cold(2));
  ASSERT_TRUE(store_->Finish(epoch_, old_run, 1, {}, Succeeded(), now_));
  ASSERT_TRUE(store_->Finish(epoch_, new_run, 1, {}, Succeeded(), now_ + std::chrono::hours(1)));
  EXPECT_EQ(*store_->DeleteFinishedBefore(now_ + std::chrono::minutes(1), 100), 1);
  EXPECT_FALSE(store_->Get(old_run));
  EXPECT_TRUE(store_->Get(new_run));
  EXPECT_TRUE(store_->Get(queued));
}

TEST_P(RunStoreContract, ListsNewestFirstByPageAndStatus) {
  const std::string first = Submit();
  const std::string second = Submit();
  const std::string third = Submit();
  const auto ids = [](const std::vector<domain::Run>& runs) {
    std::vector<std::string> list;
    for (const auto& run : runs) list.push_back(run.id);
    return list;
  };
  EXPECT_THAT(ids(*store_->List({.limit = 2, .before_id = {}, .status = {}})),
              ElementsAre(third, second));
  EXPECT_THAT(ids(*store_->List({.limit = 2, .before_id = second, .status = {}})),
              ElementsAre(first));
  ASSERT_TRUE(store_->RequestCancel(second, now_));
  EXPECT_THAT(ids(*store_->List({.limit = 9, .before_id = {}, .status = RunStatus::kCancelled})),
              ElementsAre(second));
  EXPECT_TRUE(store_->List({.limit = 1, .before_id = {}, .status = {}})->at(0).spec.source.empty());
}

INSTANTIATE_TEST_SUITE_P(Stores, RunStoreContract,
                         testing::Values(StoreKind{"Memory", false}, StoreKind{"PostgreSql", true}),
                         [](const auto& parameter) { return parameter.param.name; });

}  // namespace
}  // namespace oneshot
