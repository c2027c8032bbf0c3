// What was stored is read as it came; the rest of the contract is in run_store_contract_test.cpp.
#include <gmock/gmock.h>

#include "tests/contract/store/run_store_contract.h"

namespace oneshot {
namespace {

using base::ErrorCode;
using domain::OutputRecord;
using domain::RunStatus;
using domain::Stream;
using testing::ElementsAre;
using testing::IsEmpty;
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
  EXPECT_NE(run->created_at, base::WallTime{});
  EXPECT_EQ(run->message, "");
  EXPECT_EQ(run->avoid_node, "");
  EXPECT_THAT(run->interruptions, SizeIs(0));
  EXPECT_FALSE(run->job || run->outcome || run->claimed_at || run->started_at || run->finished_at);
}

TEST_P(RunStoreContract, KeepsFilesAsTheyCame) {
  const std::vector<domain::File> files{
      {"é/b.bin", std::string("\0\xff\\x41'", 8)}, {"empty", ""}, {"a.csv", "1,2\n"}};
  domain::RunSpec spec{.source = "x"};
  spec.files = files;
  const std::string id = NewId();
  ASSERT_TRUE(store_->Submit({.id = id, .spec = spec, .submitter = "me"}));
  const std::vector<domain::FileInfo> infos{{"é/b.bin", 8}, {"empty", 0}, {"a.csv", 4}};
  EXPECT_EQ(store_->Get(id)->files, infos);
  EXPECT_THAT(store_->Get(id)->spec.files, IsEmpty());
  EXPECT_THAT(store_->List({})->front().files, IsEmpty());
  EXPECT_EQ(*store_->ReadFiles(id), files);
  EXPECT_GE(store_->MeasureQueue()->bytes, 12);
  EXPECT_EQ(Claim(Cold(1)).at(0).run.files, infos);
  EXPECT_EQ(*store_->ReadFiles(id), files);
  const std::string bare = Submit();
  EXPECT_THAT(store_->Get(bare)->files, IsEmpty());
  EXPECT_THAT(*store_->ReadFiles(bare), IsEmpty());
}

TEST_P(RunStoreContract, SaysWhenThereIsNoSuchRun) {
  const std::string id = NewId();
  EXPECT_EQ(store_->Get(id).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(store_->GetStatus(id).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(store_->ReadFiles(id).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(store_->Look(id, {.attempt = 1}, 100).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(store_->RequestCancel(id).error().code, ErrorCode::kNotFound);
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
  EXPECT_EQ(store_->MeasureQueue()->runs, 1);
}

TEST_P(RunStoreContract, SaysWhenARunWasAccepted) {
  const std::string id = NewId();
  const auto submitted = store_->Submit({.id = id, .spec = {}, .submitter = {}});
  ASSERT_TRUE(submitted);
  EXPECT_EQ(submitted->id, id);
  EXPECT_EQ(store_->Get(id)->created_at, submitted->created_at);
}

TEST_P(RunStoreContract, StoresOutputByteForByte) {
  const std::string id = Submit();
  Claim(Cold(1));
  std::string every_byte;
  for (int i = 0; i < 256; ++i) every_byte += static_cast<char>(i);
  auto progress = Begun({Record(0, every_byte), Record(1, std::string("a\0é\"\\\n", 7))});
  progress.records[0].pieces.push_back({Stream::kStderr, "", 7});
  progress.records[0].pieces.push_back({Stream::kStdout, "o", 0});
  progress.records[1].pieces.push_back({Stream::kStderr, "\xff", 5'000'000'000});
  domain::OutputRecord shown{.seq = 2, .ms = 5'000'000'000};
  shown.display = domain::DisplayPart{.data = "{\"quoted\\\"}"};
  progress.records.push_back(shown);
  progress.records.push_back(Shown(3, 0, every_byte));
  ASSERT_EQ(*store_->RecordProgress(epoch_, test::ColdAttempt(id, 1), progress), 4);
  const auto look = store_->Look(id, {}, 1 << 20);
  EXPECT_EQ(look->attempt, 1);
  EXPECT_EQ(look->status, RunStatus::kRunning);
  EXPECT_EQ(look->output, progress.records);
  EXPECT_FALSE(look->has_more);
  EXPECT_EQ(StatusOf(id), RunStatus::kRunning);
}

TEST_P(RunStoreContract, TellsWhatIsShownOnceItIsWhole) {
  const std::string id = Submit();
  Claim(Cold(1));
  const store::AttemptRef attempt = test::ColdAttempt(id, 1);
  ASSERT_TRUE(store_->RecordProgress(epoch_, attempt, Begun({Record(0, "a")})));
  EXPECT_THAT(store_->Get(id)->displays, IsEmpty());
  const auto first = Output({Shown(1, 0, "png"), Record(2, "b"), Shown(3, 1, "svg")});
  ASSERT_TRUE(store_->RecordProgress(epoch_, attempt, first));
  ASSERT_TRUE(store_->RecordProgress(epoch_, attempt, first)) << "repeated, as after a lost answer";
  EXPECT_THAT(store_->Get(id)->displays,
              ElementsAre(*Shown(1, 0, "png").display->whole, *Shown(3, 1, "svg").display->whole));
  domain::Outcome outcome = Succeeded();
  outcome.dropped_displays = 2;
  outcome.dropped_output_files = 3;
  ASSERT_TRUE(store_->Finish(epoch_, attempt, Output({Shown(4, 2, "last")}), outcome));
  const auto run = store_->Get(id);
  EXPECT_EQ(run->displays.size(), 3U);
  EXPECT_EQ(run->displays.back(), *Shown(4, 2, "last").display->whole);
  EXPECT_EQ(run->outcome, outcome);
  EXPECT_THAT(store_->List({})->front().displays, IsEmpty());
}

TEST_P(RunStoreContract, ForgetsWhatAnInterruptedAttemptHasShown) {
  const std::string id = Submit();
  Claim(Cold(1));
  ASSERT_TRUE(
      store_->RecordProgress(epoch_, test::ColdAttempt(id, 1), Begun({Shown(0, 0, "void")})));
  ASSERT_TRUE(store_->Interrupt(epoch_, test::ColdAttempt(id, 1), Lost(), kLimits));
  EXPECT_THAT(store_->Get(id)->displays, IsEmpty());
  Claim(Cold(1));
  EXPECT_THAT(store_->Get(id)->displays, IsEmpty());
  ASSERT_TRUE(
      store_->RecordProgress(epoch_, test::ColdAttempt(id, 2), Begun({Shown(0, 0, "new")})));
  EXPECT_THAT(store_->Get(id)->displays, ElementsAre(*Shown(0, 0, "new").display->whole));
}

TEST_P(RunStoreContract, KeepsWhetherARunMayShowAnything) {
  const std::string id = NewId();
  ASSERT_TRUE(
      store_->Submit({.id = id, .spec = {.source = "", .display_scale = 1.5}, .submitter = {}}));
  EXPECT_EQ(store_->Get(id)->spec.display_scale, 1.5);
  EXPECT_EQ(Claim(Cold(1)).at(0).run.spec.display_scale, 1.5);
  EXPECT_EQ(store_->AdoptActive(*store_->TakeEpoch("next"), {})->at(0).run.spec.display_scale, 1.5);
}

TEST_P(RunStoreContract, KeepsWhichFilesAreToComeBack) {
  const std::string id = NewId();
  const std::vector<std::string> patterns{"*.csv", "ä \"/**"};
  domain::RunSpec spec{.source = ""};
  spec.outputs = patterns;
  ASSERT_TRUE(store_->Submit({.id = id, .spec = spec, .submitter = {}}));
  EXPECT_EQ(store_->Get(id)->spec.outputs, patterns);
  EXPECT_THAT(store_->List({})->at(0).spec.outputs, IsEmpty());
  EXPECT_GE(store_->MeasureQueue()->bytes, 5 + 7);
  EXPECT_EQ(Claim(Cold(1)).at(0).run.spec.outputs, patterns);
  EXPECT_EQ(store_->AdoptActive(*store_->TakeEpoch("next"), {})->at(0).run.spec.outputs, patterns);
}

TEST_P(RunStoreContract, PagesOutputByPositionAndBytes) {
  const std::string id = Submit();
  Claim(Cold(1));
  // Three commits: a reader may stop and go on anywhere in them.
  const std::vector<domain::OutputRecord> all{Record(0, "aaaa"), Record(1, "bbbb"), Record(2, "cc"),
                                              Record(3, "dddd"), Record(4, "e")};
  const auto commit = [&](std::size_t from, std::size_t to) {
    const auto at = [&](std::size_t i) { return all.begin() + static_cast<std::ptrdiff_t>(i); };
    ASSERT_TRUE(
        store_->RecordProgress(epoch_, test::ColdAttempt(id, 1), Output({at(from), at(to)})));
  };
  commit(0, 3);
  commit(3, 4);
  commit(4, 5);
  EXPECT_THAT(OutputAfter(id, 1, -1, 5), SizeIs(2));
  EXPECT_THAT(OutputAfter(id, 1, -1, 1), SizeIs(1));
  EXPECT_THAT(OutputAfter(id, 1, 1, 100), ElementsAre(all[2], all[3], all[4]));
  EXPECT_THAT(OutputAfter(id, 1, 4, 100), SizeIs(0));
  EXPECT_THAT(OutputAfter(id, 1, -1, 0), SizeIs(0));
  // A reader of another attempt starts over.
  EXPECT_THAT(OutputAfter(id, 7, 2, 100), SizeIs(5));
  for (std::int64_t max_bytes = 1; max_bytes <= 16; ++max_bytes) {
    std::vector<domain::OutputRecord> read;
    for (bool has_more = true; has_more;) {
      const std::int64_t seq = read.empty() ? -1 : read.back().seq;
      const auto look = store_->Look(id, {.attempt = 1, .seq = seq}, max_bytes);
      ASSERT_FALSE(look->output.empty()) << "each look goes on";
      read.insert(read.end(), look->output.begin(), look->output.end());
      has_more = look->has_more;
    }
    EXPECT_EQ(read, all) << max_bytes;
  }
}

TEST_P(RunStoreContract, ReadsManySmallCommitsToTheirEnd) {
  const std::string id = Submit();
  Claim(Cold(1));
  constexpr std::int64_t kMany = 600;
  for (std::int64_t seq = 0; seq < kMany; ++seq)
    ASSERT_TRUE(
        store_->RecordProgress(epoch_, test::ColdAttempt(id, 1), Output({Record(seq, "x")})));
  std::int64_t seen = -1;
  for (bool has_more = true; has_more;) {
    const auto look = store_->Look(id, {.attempt = 1, .seq = seen}, 1 << 20);
    ASSERT_FALSE(look->output.empty());
    for (const OutputRecord& record : look->output) ASSERT_EQ(record.seq, ++seen);
    has_more = look->has_more;
  }
  EXPECT_EQ(seen, kMany - 1);
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
  ASSERT_TRUE(store_->Finish(epoch_, test::ColdAttempt(id, 1),
                             Output({Record(0, "6"), Record(1, "\n")}), Succeeded()));
  const auto finished = store_->Look(id, {.attempt = 1, .seq = 0}, 100);
  EXPECT_EQ(finished->status, RunStatus::kSucceeded);
  EXPECT_THAT(finished->output, ElementsAre(Record(1, "\n")));
}

TEST_P(RunStoreContract, ALookAfterANewAttemptStartsItsOutputOver) {
  const std::string id = Submit();
  Claim(Cold(1));
  ASSERT_TRUE(store_->RecordProgress(epoch_, test::ColdAttempt(id, 1),
                                     Output({Record(0, "a"), Record(1, "b")})));
  ASSERT_TRUE(store_->Interrupt(epoch_, test::ColdAttempt(id, 1), Lost(), kLimits));
  const auto waiting = store_->Look(id, {.attempt = 1, .seq = 1}, 100);
  EXPECT_EQ(waiting->status, RunStatus::kQueued);
  EXPECT_EQ(waiting->attempt, 1);
  EXPECT_THAT(waiting->output, SizeIs(0)) << "dropped with its attempt";
  Claim(Cold(1));
  ASSERT_TRUE(
      store_->RecordProgress(epoch_, test::ColdAttempt(id, 2), Output({Record(0, "again")})));
  const auto second = store_->Look(id, {.attempt = 1, .seq = 1}, 100);
  EXPECT_EQ(second->attempt, 2);
  EXPECT_THAT(second->output, ElementsAre(Record(0, "again")));
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
  ASSERT_TRUE(store_->Finish(epoch_, test::ColdAttempt(id, 1), {}, outcome));
  EXPECT_EQ(store_->Get(id)->outcome, outcome);
  EXPECT_EQ(store_->List({.limit = 1, .before_id = {}, .status = {}})->at(0).outcome, outcome);
}

TEST_P(RunStoreContract, DeletesFinishedRunsOnly) {
  const std::string id = Submit();
  EXPECT_EQ(store_->Delete(id).error().code, ErrorCode::kConflict);
  Claim(Cold(1));
  EXPECT_EQ(store_->Delete(id).error().code, ErrorCode::kConflict);
  ASSERT_TRUE(
      store_->Finish(epoch_, test::ColdAttempt(id, 1), Output({Record(0, "x")}), Succeeded()));
  EXPECT_TRUE(store_->Delete(id));
  EXPECT_EQ(store_->Get(id).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(store_->Delete(id).error().code, ErrorCode::kNotFound);
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
  ASSERT_TRUE(store_->RequestCancel(second));
  EXPECT_THAT(ids(*store_->List({.limit = 9, .before_id = {}, .status = RunStatus::kCancelled})),
              ElementsAre(second));
  EXPECT_TRUE(store_->List({.limit = 1, .before_id = {}, .status = {}})->at(0).spec.source.empty());
}

}  // namespace
}  // namespace oneshot
