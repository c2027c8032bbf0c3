// What happens to an attempt: progress, its end, interruptions, and each of them twice.
#include <gmock/gmock.h>

#include <thread>

#include "tests/contract/store/run_store_contract.h"

namespace oneshot {
namespace {

using base::ErrorCode;
using domain::RunStatus;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::SizeIs;

TEST_P(RunStoreContract, EndsARunOnceWithItsLastOutput) {
  const std::string id = Submit();
  Claim(Cold(1));
  auto progress = Output({Record(0, "6\n")});
  progress.started_ago = seconds(2);
  Pass(seconds(3));
  EXPECT_EQ(*store_->Finish(epoch_, test::ColdAttempt(id, 1), progress, Succeeded()), 1);
  const auto run = store_->Get(id);
  EXPECT_EQ(run->status, RunStatus::kSucceeded);
  EXPECT_EQ(run->outcome, Succeeded());
  EXPECT_GT(run->started_at, run->claimed_at);
  EXPECT_GE(*run->finished_at - *run->started_at, seconds(2));
  EXPECT_THAT(OutputAfter(id, 1, -1, 100), SizeIs(1));
  EXPECT_EQ(store_->RecordProgress(epoch_, test::ColdAttempt(id, 1), Output({Record(1, "late")}))
                .error()
                .code,
            ErrorCode::kConflict);
}

TEST_P(RunStoreContract, AnEndMayBeRepeatedAndStaysTheFirst) {
  const std::string id = Submit();
  Claim(Cold(1));
  const auto progress = Begun({Record(0, "6"), Record(1, "\n")});
  ASSERT_EQ(*store_->Finish(epoch_, test::ColdAttempt(id, 1), progress, Succeeded()), 2);
  const auto first = store_->Get(id);
  Pass(seconds(1));
  auto failed = Succeeded();
  failed.status = RunStatus::kFailed;
  EXPECT_EQ(*store_->Finish(epoch_, test::ColdAttempt(id, 1), progress, failed), 2);
  EXPECT_EQ(*store_->Finish(epoch_, test::ColdAttempt(id, 1), Output({Record(2, "late")}), failed),
            2);
  EXPECT_EQ(*store_->Finish(epoch_, test::ColdAttempt(id, 1), {}, failed), 2);
  EXPECT_EQ(store_->Get(id)->outcome, first->outcome);
  EXPECT_THAT(OutputAfter(id, 1, -1, 100), SizeIs(2));
  EXPECT_EQ(store_->Finish(epoch_, test::ColdAttempt(id, 2), {}, failed).error().code,
            ErrorCode::kConflict);
}

TEST_P(RunStoreContract, AnEndWhoseOutputDoesNotFitChangesNothing) {
  const std::string id = Submit();
  Claim(Cold(1));
  ASSERT_EQ(*store_->RecordProgress(epoch_, test::ColdAttempt(id, 1),
                                    Begun({Record(0, "a"), Record(1, "b")})),
            2);
  for (const std::int64_t seq : {0, 3}) {
    auto progress = Output({Record(seq, "x")});
    progress.job.pod = "p";
    EXPECT_EQ(*store_->Finish(epoch_, test::ColdAttempt(id, 1), progress, Succeeded()), 2) << seq;
    EXPECT_EQ(StatusOf(id), RunStatus::kRunning) << seq;
    EXPECT_EQ(store_->Get(id)->job->pod, "") << seq;
  }
  EXPECT_EQ(
      *store_->Finish(epoch_, test::ColdAttempt(id, 1), Output({Record(2, "c")}), Succeeded()), 3);
  EXPECT_EQ(StatusOf(id), RunStatus::kSucceeded);
}

// The answer of the call that stored them was lost.
TEST_P(RunStoreContract, AnEndWhoseRecordsAreAllStoredEndsTheRun) {
  const std::string id = Submit();
  Claim(Cold(1));
  const store::Progress progress = Begun({Record(0, "a"), Record(1, "b")});
  ASSERT_EQ(*store_->RecordProgress(epoch_, test::ColdAttempt(id, 1), progress), 2);
  EXPECT_EQ(*store_->Finish(epoch_, test::ColdAttempt(id, 1), progress, Succeeded()), 2);
  EXPECT_EQ(*store_->GetStatus(id), RunStatus::kSucceeded);
  const auto look = store_->Look(id, {}, 1 << 20);
  ASSERT_THAT(look->output, SizeIs(2));
  EXPECT_EQ(look->output.back().pieces.front().data, "b");
}

TEST_P(RunStoreContract, StoresOutputOnlyFromTheFirstNumberThatItDoesNotHave) {
  const std::string id = Submit();
  Claim(Cold(1));
  const auto record = [&](std::vector<domain::OutputRecord> records) {
    return *store_->RecordProgress(epoch_, test::ColdAttempt(id, 1), Output(std::move(records)));
  };
  EXPECT_EQ(record({Record(1, "early")}), 0);
  EXPECT_EQ(record({Record(0, "a"), Record(1, "b")}), 2);
  EXPECT_EQ(record({Record(0, "a"), Record(1, "b")}), 2) << "again";
  EXPECT_EQ(record({Record(1, "other"), Record(2, "c")}), 2) << "not its beginning";
  EXPECT_EQ(record({}), 2);
  EXPECT_EQ(record({Record(2, "c")}), 3);
  EXPECT_THAT(OutputAfter(id, 1, -1, 100),
              ElementsAre(Record(0, "a"), Record(1, "b"), Record(2, "c")));
  const auto gap = store_->RecordProgress(epoch_, test::ColdAttempt(id, 1),
                                          Output({Record(3, "d"), Record(5, "f")}));
  EXPECT_EQ(gap.error().code, ErrorCode::kInvalidArgument);
}

TEST_P(RunStoreContract, WhatDoesNotFitDoesNotHoldUpTheRest) {
  const std::string id = Submit();
  Claim(Cold(1));
  auto progress = Begun({Record(7, "early")});
  progress.job.pod = "p";
  EXPECT_EQ(*store_->RecordProgress(epoch_, test::ColdAttempt(id, 1), progress), 0);
  EXPECT_EQ(StatusOf(id), RunStatus::kRunning);
  EXPECT_EQ(store_->Get(id)->job->pod, "p");
}

TEST_P(RunStoreContract, AProgramBeginsOnceAndNotBeforeItsClaim) {
  const std::string id = Submit();
  Claim(Cold(1));
  ASSERT_TRUE(store_->RecordProgress(epoch_, test::ColdAttempt(id, 1),
                                     {.job = {}, .started_ago = minutes(5), .records = {}}));
  const auto first = store_->Get(id);
  EXPECT_EQ(first->started_at, first->claimed_at);
  Pass(seconds(2));
  const auto before = store_->Get(id)->started_at;
  ASSERT_TRUE(store_->RecordProgress(epoch_, test::ColdAttempt(id, 1), Begun()));
  EXPECT_EQ(store_->Get(id)->started_at, before);
}

TEST_P(RunStoreContract, AnInterruptedRunWaitsAndIsClaimedAgainWithoutItsOutput) {
  const std::string id = Submit();
  Claim(Cold(1));
  ASSERT_TRUE(store_->RecordProgress(epoch_, test::ColdAttempt(id, 1), Begun({Record(0, "half")})));
  auto lost = Lost();
  lost.retry_after = minutes(5);
  EXPECT_EQ(*store_->Interrupt(epoch_, test::ColdAttempt(id, 1), lost, kLimits),
            RunStatus::kQueued);
  EXPECT_FALSE(store_->Get(id)->started_at);
  EXPECT_THAT(Claim(Cold(1)), SizeIs(0)) << "not due yet";
  Pass(minutes(5));
  const auto claimed = Claim(Cold(1));
  ASSERT_THAT(claimed, SizeIs(1));
  EXPECT_EQ(claimed[0].run.attempt, 2);
  EXPECT_EQ(claimed[0].next_seq, 0);
  EXPECT_EQ(claimed[0].run.job->name, "run-" + id + "-2");
  EXPECT_THAT(OutputAfter(id, 2, -1, 100), SizeIs(0));
  EXPECT_EQ(store_->Finish(epoch_, test::ColdAttempt(id, 1), {}, Succeeded()).error().code,
            ErrorCode::kConflict)
      << "late news of the first attempt";
}

TEST_P(RunStoreContract, TellsInterruptionsAndAvoidsTheirNode) {
  const std::string id = Submit();
  Claim(Cold(1));
  ASSERT_TRUE(store_->Interrupt(epoch_, test::ColdAttempt(id, 1), Lost(), kLimits));
  auto run = store_->Get(id);
  ASSERT_THAT(run->interruptions, SizeIs(1));
  EXPECT_GE(run->interruptions[0].at, run->created_at);
  run->interruptions[0].at = {};
  const domain::Interruption want{1, "node_lost", "the node answers nothing", "n1", {}};
  EXPECT_EQ(run->interruptions[0], want);
  EXPECT_EQ(run->message, "the node answers nothing");
  EXPECT_EQ(run->avoid_node, "n1");
  EXPECT_EQ(store_->Look(id, {}, 0)->interruptions, 1);
  EXPECT_THAT(store_->List({})->at(0).interruptions, SizeIs(1));

  EXPECT_THAT(Claim({.warm_job_names = {"warm-a"}, .pool_memory_mib = 4096, .cold_slots = 0}),
              SizeIs(0))
      << "a waiting Job is on its node already";
  const auto claimed =
      Claim({.warm_job_names = {"warm-a"}, .pool_memory_mib = 4096, .cold_slots = 1});
  ASSERT_THAT(claimed, SizeIs(1));
  EXPECT_EQ(claimed[0].run.job->name, "run-" + id + "-2");
  EXPECT_EQ(claimed[0].run.avoid_node, "n1");
  EXPECT_EQ(claimed[0].run.message, "the node answers nothing") << "until the program begins";
  EXPECT_EQ(store_->Look(id, {}, 0)->message, "the node answers nothing");
  ASSERT_TRUE(store_->RecordProgress(epoch_, test::ColdAttempt(id, 2), Begun()));
  EXPECT_EQ(store_->Get(id)->message, "");
  EXPECT_EQ(store_->Look(id, {}, 0)->message, "");

  auto nowhere = Lost();
  nowhere.node = "";
  nowhere.message = std::string("bad \xff text\0.", 11);
  ASSERT_TRUE(store_->Interrupt(epoch_, test::ColdAttempt(id, 2), nowhere, kLimits));
  EXPECT_EQ(store_->Get(id)->avoid_node, "n1");
  EXPECT_THAT(store_->Get(id)->interruptions, SizeIs(2));
}

TEST_P(RunStoreContract, TheLastAttemptEndsInErrorWithItsReason) {
  const std::string id = Submit();
  Claim(Cold(1));
  EXPECT_EQ(*store_->Interrupt(epoch_, test::ColdAttempt(id, 1), Lost(), {.max_attempts = 2}),
            RunStatus::kQueued);
  Claim(Cold(1));
  EXPECT_EQ(*store_->Interrupt(epoch_, test::ColdAttempt(id, 2), Lost(), {.max_attempts = 2}),
            RunStatus::kError);
  const auto run = store_->Get(id);
  EXPECT_EQ(run->outcome->reason, "node_lost");
  EXPECT_EQ(run->outcome->message, "the node answers nothing");
  EXPECT_EQ(run->message, "");
  EXPECT_TRUE(run->finished_at);
  EXPECT_TRUE(run->claimed_at);
  EXPECT_THAT(run->interruptions, SizeIs(2));
  EXPECT_FALSE(run->outcome->output_incomplete) << "the program never began";
}

// Review R8: a job controller that slept spent the attempts of everything that was starting.
TEST_P(RunStoreContract, AStartThatCannotBeSpendsNoAttempt) {
  const std::string id = Submit();
  auto no_room = Lost(/*may_have_begun=*/false);
  no_room.message = "no node has room";
  for (int number = 1; number <= 5; ++number) {
    const store::AttemptRef attempt{
        .run_id = id, .attempt = number, .job_name = "warm-" + std::to_string(number)};
    ASSERT_THAT(Claim({.warm_job_names = {attempt.job_name}, .pool_memory_mib = 4096}), SizeIs(1));
    EXPECT_EQ(*store_->Interrupt(epoch_, attempt, no_room, {.max_attempts = 1}),
              RunStatus::kQueued);
    const auto run = store_->Get(id);
    EXPECT_EQ(run->message, "no node has room");
    EXPECT_THAT(run->interruptions, SizeIs(0));
    EXPECT_EQ(run->avoid_node, "");
  }
}

TEST_P(RunStoreContract, ARunThatCannotBeginForLongEndsInError) {
  const std::string id = Submit();
  const auto no_room = Lost(/*may_have_begun=*/false);
  Pass(minutes(30));
  Claim(Cold(1));
  EXPECT_EQ(*store_->Interrupt(epoch_, test::ColdAttempt(id, 1), no_room, kLimits),
            RunStatus::kQueued)
      << "time in the queue before the first claim does not count";
  Pass(minutes(6));
  Claim(Cold(1));
  EXPECT_EQ(*store_->Interrupt(epoch_, test::ColdAttempt(id, 2), Lost(), kLimits),
            RunStatus::kQueued);
  Pass(minutes(6));
  Claim(Cold(1));
  EXPECT_EQ(*store_->Interrupt(epoch_, test::ColdAttempt(id, 3), no_room, kLimits),
            RunStatus::kQueued)
      << "a spent attempt begins a new series";
  Pass(minutes(9));
  Claim(Cold(1));
  EXPECT_EQ(*store_->Interrupt(epoch_, test::ColdAttempt(id, 4), no_room, kLimits),
            RunStatus::kQueued);
  Pass(minutes(1));
  Claim(Cold(1));
  EXPECT_EQ(*store_->Interrupt(epoch_, test::ColdAttempt(id, 5), no_room, kLimits),
            RunStatus::kError);
  EXPECT_EQ(store_->Get(id)->outcome->reason, "node_lost");
  EXPECT_THAT(store_->Get(id)->interruptions, SizeIs(1));
}

TEST_P(RunStoreContract, AProgramThatBeganHasBegunWhateverIsSaid) {
  const std::string id = Submit();
  Claim(Cold(1));
  ASSERT_TRUE(store_->RecordProgress(epoch_, test::ColdAttempt(id, 1), Begun()));
  ASSERT_TRUE(
      store_->Interrupt(epoch_, test::ColdAttempt(id, 1), Lost(/*may_have_begun=*/false), kLimits));
  EXPECT_THAT(store_->Get(id)->interruptions, SizeIs(1));
}

TEST_P(RunStoreContract, AnInterruptionMayBeRepeatedAndCountsOnce) {
  const std::string id = Submit();
  Claim(Cold(1));
  ASSERT_EQ(*store_->Interrupt(epoch_, test::ColdAttempt(id, 1), Lost(), kLimits),
            RunStatus::kQueued);
  EXPECT_EQ(*store_->Interrupt(epoch_, test::ColdAttempt(id, 1), Lost(), kLimits),
            RunStatus::kQueued);
  Claim(Cold(1));
  EXPECT_EQ(*store_->Interrupt(epoch_, test::ColdAttempt(id, 1), Lost(), kLimits),
            RunStatus::kStarting)
      << "the next attempt stays";
  EXPECT_THAT(store_->Get(id)->interruptions, SizeIs(1));
  ASSERT_EQ(*store_->Interrupt(epoch_, test::ColdAttempt(id, 2), Lost(), {.max_attempts = 2}),
            RunStatus::kError);
  EXPECT_EQ(*store_->Interrupt(epoch_, test::ColdAttempt(id, 2), Lost(), {.max_attempts = 2}),
            RunStatus::kError);
  EXPECT_EQ(store_->Interrupt(epoch_, test::ColdAttempt(id, 3), Lost(), kLimits).error().code,
            ErrorCode::kConflict);
}

/// A call that its caller has given up may still be under way when it is repeated.
template <typename Call>
void FourTimesAtOnce(const Call& call) {
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back([&] { call(); });
}

TEST_P(RunStoreContract, TheSameOutputAtOnceIsStoredOnce) {
  const std::string id = Submit();
  Claim(Cold(1));
  for (std::int64_t seq = 0; seq < 20; ++seq) {
    FourTimesAtOnce([&] {
      EXPECT_EQ(
          *store_->RecordProgress(epoch_, test::ColdAttempt(id, 1), Begun({Record(seq, "x")})),
          seq + 1);
    });
  }
  EXPECT_THAT(OutputAfter(id, 1, -1, 100), SizeIs(20));
}

TEST_P(RunStoreContract, TheSameEndAtOnceHappensOnce) {
  for (int i = 0; i < 10; ++i) {
    const std::string id = Submit();
    Claim(Cold(1));
    FourTimesAtOnce([&] {
      EXPECT_EQ(
          *store_->Finish(epoch_, test::ColdAttempt(id, 1), Begun({Record(0, "x")}), Succeeded()),
          1);
    });
    EXPECT_THAT(OutputAfter(id, 1, -1, 100), SizeIs(1));
  }
}

TEST_P(RunStoreContract, TheSameInterruptionAtOnceCountsOnce) {
  for (int i = 0; i < 10; ++i) {
    const std::string id = Submit();
    Claim(Cold(1));
    FourTimesAtOnce([&] {
      EXPECT_EQ(*store_->Interrupt(epoch_, test::ColdAttempt(id, 1), Lost(), kLimits),
                RunStatus::kQueued);
    });
    EXPECT_THAT(store_->Get(id)->interruptions, SizeIs(1));
    ASSERT_TRUE(store_->RequestCancel(id));
  }
}

TEST_P(RunStoreContract, AnEndAndAnInterruptionAtOnceAgree) {
  for (int i = 0; i < 20; ++i) {
    const std::string id = Submit();
    Claim(Cold(1));
    bool has_ended = false;
    bool is_interrupted = false;
    {
      const std::jthread ending([&] {
        has_ended = bool(store_->Finish(epoch_, test::ColdAttempt(id, 1), Begun(), Succeeded()));
      });
      const std::jthread interrupting([&] {
        is_interrupted = bool(store_->Interrupt(epoch_, test::ColdAttempt(id, 1), Lost(), kLimits));
      });
    }
    EXPECT_NE(has_ended, is_interrupted);
    EXPECT_EQ(StatusOf(id), has_ended ? RunStatus::kSucceeded : RunStatus::kQueued);
    ASSERT_TRUE(store_->RequestCancel(id));
  }
}

TEST_P(RunStoreContract, AnEndedAttemptCannotBeInterrupted) {
  const std::string id = Submit();
  Claim(Cold(1));
  ASSERT_TRUE(store_->Finish(epoch_, test::ColdAttempt(id, 1), Begun(), Succeeded()));
  EXPECT_EQ(store_->Interrupt(epoch_, test::ColdAttempt(id, 1), Lost(), kLimits).error().code,
            ErrorCode::kConflict);
}

}  // namespace
}  // namespace oneshot
