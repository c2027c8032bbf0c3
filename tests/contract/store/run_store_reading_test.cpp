// What was stored is read as it came; the rest of the contract is in run_store_contract_test.cpp.
#include <gmock/gmock.h>

#include <limits>

#include "tests/contract/store/run_store_contract.h"

namespace oneshot {
namespace {

using base::ErrorCode;
using domain::OutputRecord;
using domain::RunStatus;
using domain::Stream;
using testing::ElementsAre;
using testing::SizeIs;

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
  EXPECT_EQ(store_->GetStatus(id).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(store_->Look(id, {.attempt = 1}, 100).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(store_->RequestCancel(id, now_).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(store_->Delete(id).error().code, ErrorCode::kNotFound);
}

TEST_P(RunStoreContract, TellsThePlaceInTheQueue) {
  const std::string first = Submit();
  const std::string second = Submit();
  EXPECT_EQ(PositionOf(first), 1);
  EXPECT_EQ(PositionOf(second), 2);
  Claim(Cold(1));
  EXPECT_EQ(PositionOf(first), 0);
  EXPECT_EQ(PositionOf(second), 1);
  EXPECT_EQ(*store_->CountQueued(), 1);
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
  const auto look = store_->Look(id, {}, 1 << 20);
  EXPECT_EQ(look->attempt, 1);
  EXPECT_EQ(look->status, RunStatus::kRunning);
  EXPECT_EQ(look->output, progress.records);
  EXPECT_EQ(StatusOf(id), RunStatus::kRunning);
  EXPECT_EQ(store_->Get(id)->started_at, now_);
}

TEST_P(RunStoreContract, PagesOutputByPositionAndBytes) {
  const std::string id = Submit();
  Claim(Cold(1));
  ASSERT_TRUE(store_->RecordProgress(
      epoch_, id, 1, Output({Record(0, "aaaa"), Record(1, "bbbb"), Record(2, "cc")})));
  EXPECT_THAT(OutputAfter(id, 1, -1, 5), SizeIs(2));
  EXPECT_THAT(OutputAfter(id, 1, -1, 1), SizeIs(1));
  EXPECT_THAT(OutputAfter(id, 1, 1, 100), ElementsAre(Record(2, "cc")));
  EXPECT_THAT(OutputAfter(id, 1, 2, 100), SizeIs(0));
  EXPECT_THAT(OutputAfter(id, 1, -1, 0), SizeIs(0));
  // A reader of another attempt starts over.
  EXPECT_THAT(OutputAfter(id, 7, 2, 100), SizeIs(3));
}

TEST_P(RunStoreContract, ALookIsOneMomentOfStatePlaceAndOutput) {
  const std::string id = Submit();
  const auto queued = store_->Look(id, {}, 100);
  EXPECT_EQ(queued->status, RunStatus::kQueued);
  EXPECT_EQ(queued->attempt, 0);
  EXPECT_EQ(queued->queue_position, 1);
  EXPECT_THAT(queued->output, SizeIs(0));
  Claim(Cold(1));
  const auto starting = store_->Look(id, {}, 100);
  EXPECT_EQ(starting->status, RunStatus::kStarting);
  EXPECT_EQ(starting->attempt, 1);
  EXPECT_EQ(starting->queue_position, 0);
  ASSERT_TRUE(
      store_->Finish(epoch_, id, 1, Output({Record(0, "6"), Record(1, "\n")}), Succeeded(), now_));
  const auto finished = store_->Look(id, {.attempt = 1, .seq = 0}, 100);
  EXPECT_EQ(finished->status, RunStatus::kSucceeded);
  EXPECT_THAT(finished->output, ElementsAre(Record(1, "\n")));
}

TEST_P(RunStoreContract, ALookAfterANewAttemptStartsItsOutputOver) {
  const std::string id = Submit();
  Claim(Cold(1));
  ASSERT_TRUE(store_->RecordProgress(epoch_, id, 1, Output({Record(0, "a"), Record(1, "b")})));
  ASSERT_TRUE(store_->Interrupt(epoch_, id, 1, {.reason = "pod_lost", .message = ""}, 3, now_));
  const auto waiting = store_->Look(id, {.attempt = 1, .seq = 1}, 100);
  EXPECT_EQ(waiting->status, RunStatus::kQueued);
  EXPECT_EQ(waiting->attempt, 1);
  EXPECT_THAT(waiting->output, SizeIs(0)) << "dropped with its attempt";
  Claim(Cold(1));
  ASSERT_TRUE(store_->RecordProgress(epoch_, id, 2, Output({Record(0, "again")})));
  const auto second = store_->Look(id, {.attempt = 1, .seq = 1}, 100);
  EXPECT_EQ(second->attempt, 2);
  EXPECT_THAT(second->output, ElementsAre(Record(0, "again")));
}

TEST_P(RunStoreContract, ReadsPositionsAndSizesBeyond32Bits) {
  const std::string id = Submit();
  Claim(Cold(1));
  const std::int64_t far = 5'000'000'000;
  ASSERT_TRUE(store_->RecordProgress(epoch_, id, 1, Output({Record(far, "a")})));
  EXPECT_THAT(OutputAfter(id, 1, far - 1, std::numeric_limits<std::int64_t>::max()),
              ElementsAre(Record(far, "a")));
  EXPECT_THAT(OutputAfter(id, 1, far, 100), SizeIs(0));
}

TEST_P(RunStoreContract, KeepsEveryFieldOfAnOutcome) {
  const std::string id = Submit();
  Claim(Cold(1));
  domain::Outcome outcome{.status = RunStatus::kTimedOut,
                          .reason = "wall_time_exceeded",
                          .message = "after \"10\" s, é\\n",
                          .exit_code = 137,
                          .signal = 9,
                          .stdout_bytes = {.produced = 5'000'000'000, .dropped = 1},
                          .stderr_bytes = {.produced = 3, .dropped = 2},
                          .wall_ms = 5'000'000'001,
                          .cpu_ms = 0,
                          .peak_memory_bytes = 5'000'000'002,
                          .output_incomplete = true};
  ASSERT_TRUE(store_->Finish(epoch_, id, 1, {}, outcome, now_));
  EXPECT_EQ(store_->Get(id)->outcome, outcome);
  EXPECT_EQ(store_->List({.limit = 1, .before_id = {}, .status = {}})->at(0).outcome, outcome);
}

TEST_P(RunStoreContract, DeletesFinishedRunsOnly) {
  const std::string id = Submit();
  EXPECT_EQ(store_->Delete(id).error().code, ErrorCode::kConflict);
  Claim(Cold(1));
  EXPECT_EQ(store_->Delete(id).error().code, ErrorCode::kConflict);
  ASSERT_TRUE(store_->Finish(epoch_, id, 1, Output({Record(0, "x")}), Succeeded(), now_));
  EXPECT_TRUE(store_->Delete(id));
  EXPECT_EQ(store_->Get(id).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(store_->Delete(id).error().code, ErrorCode::kNotFound);
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

}  // namespace
}  // namespace oneshot
