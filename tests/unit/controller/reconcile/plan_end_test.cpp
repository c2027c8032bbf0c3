// Decisions about the end of a run, and about what looks like one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/reconcile/plan.h"
#include "tests/unit/controller/reconcile/plan_fixture.h"

namespace oneshot::reconcile {
namespace {

using base::Milliseconds;
using delivery::RunChannel;
using domain::RunStatus;
using testing::ElementsAre;
using testing::IsEmpty;

const PlanSettings kSettings;

TEST(PlanTheEnd, TheCompleteEndRecordEndsTheRunWhateverElseIsSeen) {
  Situation now = Running();
  now.channel.records.finished = Ended(3);
  now.channel.records.complete = true;
  now.cancel_requested = true;
  const Decision decision = Plan(now, kSettings);
  EXPECT_THAT(Names(decision), ElementsAre("Finish"));
  EXPECT_EQ(OutcomeOf(decision).status, RunStatus::kFailed);
  EXPECT_FALSE(OutcomeOf(decision).output_incomplete);
  now = Vanished(now);
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("Finish"));
}

TEST(PlanTheEnd, ARunnerThatBreaksTheProtocolEndsItsOwnRun) {
  Situation now = Running();
  now.channel.records.fault = "the runner leaves records out";
  now.channel.records.finished = Ended();
  now.channel.records.complete = true;
  const Decision decision = Plan(now, kSettings);
  EXPECT_THAT(Names(decision), ElementsAre("Finish", "DeleteJob"));
  EXPECT_EQ(OutcomeOf(decision).status, RunStatus::kError);
  EXPECT_EQ(OutcomeOf(decision).reason, "runner_error");
  EXPECT_EQ(OutcomeOf(decision).message, "the runner leaves records out");
  EXPECT_TRUE(OutcomeOf(decision).output_incomplete);
}

TEST(PlanTheEnd, ADatabaseThatForgotOutputCostsTheAttempt) {
  Situation now = Running();
  now.channel.records.has_lost_records = true;
  const Decision decision = Plan(now, kSettings);
  EXPECT_THAT(Names(decision), ElementsAre("Interrupt", "DeleteJob"));
  EXPECT_EQ(InterruptionOf(decision).reason, "output_lost");
  EXPECT_TRUE(InterruptionOf(decision).may_have_begun);
}

// Its end is complete here but does not follow what the database has, which refuses it for ever.
TEST(PlanTheEnd, ADatabaseThatForgotOutputIsNotOfferedTheEnd) {
  Situation now = Running();
  now.channel.records.finished = protocol::Finished{.run_id = "r", .attempt = 1, .seq = 2};
  now.channel.records.complete = true;
  now.channel.records.has_lost_records = true;
  EXPECT_EQ(InterruptionOf(Plan(now, kSettings)).reason, "output_lost");
  now.channel.records.fault = "the runner leaves records out";
  EXPECT_EQ(InterruptionOf(Plan(now, kSettings)).reason, "output_lost");
}

// ---- a dead runner

TEST(PlanTheEnd, ADeadRunnersLogIsReadBeforeAnythingIsDecided) {
  Situation now = Dead();
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("ReadLog"));
  now.channel.log_is_being_read = true;
  EXPECT_THAT(Names(Plan(now, kSettings)), IsEmpty());
  now.channel.log_is_being_read = false;
  now.channel.log_reads = 1;
  now.channel.log_read_at = Ago(Milliseconds(0));
  const Decision resting = Plan(now, kSettings);
  EXPECT_THAT(Names(resting), IsEmpty());
  EXPECT_TRUE(resting.again);
}

TEST(PlanTheEnd, WhatItsLogHadIsStoredMeanwhile) {
  Situation now = Dead();
  now.channel.log_is_being_read = true;
  now.channel.unstored_since = Ago(kSettings.flush_delay);
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("RecordProgress"));
}

TEST(PlanTheEnd, AnEndRecordDecidesAlthoughOutputIsMissing) {
  Situation now = DeadAndRead();
  now.channel.records.finished = Ended(7);
  const Decision decision = Plan(now, kSettings);
  EXPECT_THAT(Names(decision), ElementsAre("Finish"));
  EXPECT_EQ(OutcomeOf(decision).exit_code, 7);
  EXPECT_TRUE(OutcomeOf(decision).output_incomplete);
}

TEST(PlanTheEnd, WithoutAnyEndRecordThePodsStatusDecides) {
  Situation now = DeadAndRead();
  now.cluster.pod->container.reason = "OOMKilled";
  EXPECT_EQ(OutcomeOf(Plan(now, kSettings)).status, RunStatus::kOutOfMemory);
  now.cluster.pod->container.reason = "Error";
  now.cluster.pod->container.exit_code = 137;
  const Decision decision = Plan(now, kSettings);
  EXPECT_THAT(Names(decision), ElementsAre("Interrupt", "DeleteJob"));
  EXPECT_EQ(InterruptionOf(decision).reason, "killed");
  EXPECT_TRUE(InterruptionOf(decision).may_have_begun);
  EXPECT_EQ(InterruptionOf(decision).node, "node-1");
}

TEST(PlanTheEnd, APodThatItsNodeRefusedSpendsNoAttempt) {
  Situation now = Recorded();
  now.cluster.pod->phase = "Failed";
  now.cluster.pod->reason = "OutOfcpu";
  const Decision decision = Plan(now, kSettings);
  EXPECT_EQ(InterruptionOf(decision).reason, "node_refused");
  EXPECT_FALSE(InterruptionOf(decision).may_have_begun);
}

TEST(PlanTheEnd, ADeadRunnerOfACancelledRunEndsItAsCancelled) {
  Situation now = DeadAndRead();
  now.cancel_requested = true;
  EXPECT_EQ(OutcomeOf(Plan(now, kSettings)).status, RunStatus::kCancelled);
  EXPECT_TRUE(OutcomeOf(Plan(now, kSettings)).output_incomplete);
}

// ---- what the view lacks

TEST(PlanTheEnd, APodThatVanishedFromTheViewIsLookedForFirst) {
  Situation now = Vanished(Running());
  const Decision looking = Plan(now, kSettings);
  EXPECT_THAT(Names(looking), ElementsAre("Confirm"));
  EXPECT_TRUE(looking.again);
  now.is_gone = true;
  const Decision decision = Plan(now, kSettings);
  EXPECT_THAT(Names(decision), ElementsAre("Interrupt", "DeleteJob"));
  EXPECT_EQ(InterruptionOf(decision).reason, "pod_lost");
  EXPECT_TRUE(InterruptionOf(decision).may_have_begun);
}

TEST(PlanTheEnd, APodThatIsGoneMayHaveToldItsEnd) {
  Situation now = Vanished(Running());
  now.is_gone = true;
  now.channel.records.finished = Ended();
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("Finish"));
  EXPECT_TRUE(OutcomeOf(Plan(now, kSettings)).output_incomplete);
}

TEST(PlanTheEnd, ThatAPodIsNotInTheViewOfANewControllerIsNoProof) {
  Situation now = Claimed();
  now.recovered = true;
  now.pod_recorded = true;
  now.may_have_been_delivered = true;
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("Confirm"));
}

TEST(PlanTheEnd, AWaitingJobThatIsGoneIsNotReplacedUnderItsName) {
  Situation now = Claimed();
  now.warm = true;
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("Confirm"));
  now.is_gone = true;
  const Decision decision = Plan(now, kSettings);
  EXPECT_EQ(InterruptionOf(decision).reason, "pod_lost");
  EXPECT_FALSE(InterruptionOf(decision).may_have_begun) << "it was not delivered";
}

TEST(PlanTheEnd, AJobThatVanishedBeforeItsPodWasSeenIsLookedForAndSpendsNoAttempt) {
  Situation now = Claimed();
  now.job_created = true;
  now.saw_job = true;
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("Confirm"));
  now.is_gone = true;
  EXPECT_FALSE(InterruptionOf(Plan(now, kSettings)).may_have_begun);
}

TEST(PlanTheEnd, NoPodOfAJobThatIsThereIsNoEnd) {
  Situation now = Claimed();
  now.job_created = true;
  now.saw_job = true;
  now.cluster.job = AJob();
  EXPECT_THAT(Names(Plan(now, kSettings)), IsEmpty());
}

// What it has not read yet may be the end.
TEST(PlanSilence, IsNotConcludedByAControllerThatStoodStill) {
  Situation now = RunningTooLong(kSettings);
  now.channel.started_at =
      Ago(now.wall_limit + kSettings.silence_after_wall + kSettings.result_hold);
  now.channel.heard_at = now.channel.started_at;
  EXPECT_EQ(InterruptionOf(Plan(now, kSettings)).reason, "runner_silent");
  now.awake_since = Ago(Milliseconds(9'000));
  const Decision decision = Plan(now, kSettings);
  EXPECT_THAT(Names(decision), testing::Not(testing::Contains("Interrupt")));
  EXPECT_LE(*decision.again, Milliseconds(1'000));
}

// ---- cancellation

TEST(PlanACancellation, BeforeAnythingExistsEndsTheRunAtOnce) {
  Situation now = Claimed();
  now.cancel_requested = true;
  const Decision decision = Plan(now, kSettings);
  EXPECT_THAT(Names(decision), ElementsAre("Finish"));
  EXPECT_EQ(OutcomeOf(decision).status, RunStatus::kCancelled);
  EXPECT_FALSE(OutcomeOf(decision).output_incomplete);
}

// The program may have ended before it was heard of: its result is worth a word to its runner.
TEST(PlanACancellation, OfADeliveredRunAsksTheRunnerFirst) {
  Situation now = Delivered();
  now.cancel_requested = true;
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("SendCancel"));
  now.cancel_sent_at = Ago(kSettings.cancel_patience);
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("DeleteJob"));
}

TEST(PlanACancellation, WhileStartingDeletesTheJobAndWaitsUntilThePodIsGone) {
  Situation now = InTouch();
  now.cancel_requested = true;
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("DeleteJob"));
  now.job_deleted_at = Ago(Milliseconds(100));
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("Confirm"));
  now = Vanished(now);
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("Confirm"));
  now.is_gone = true;
  const Decision decision = Plan(now, kSettings);
  EXPECT_THAT(Names(decision), ElementsAre("Finish"));
  EXPECT_EQ(OutcomeOf(decision).status, RunStatus::kCancelled);
}

TEST(PlanACancellation, IsNotHeldUpByANodeThatNeverConfirms) {
  Situation now = Delivered();
  now.cancel_requested = true;
  now.job_deleted_at = Ago(Milliseconds(30'000));
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("Finish"));
}

TEST(PlanACancellation, WhileRunningAsksTheRunnerFirst) {
  Situation now = Running();
  now.cancel_requested = true;
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("SendCancel"));
  now.cancel_sent_at = Ago(Milliseconds(10));
  const Decision waiting = Plan(now, kSettings);
  EXPECT_THAT(Names(waiting), IsEmpty());
  EXPECT_TRUE(waiting.again);
  now.cancel_sent_at = Ago(kSettings.cancel_patience);
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("DeleteJob"));
}

TEST(PlanACancellation, OfARunOutOfReachKeepsTryingToReachIt) {
  Situation now = Running();
  now.cancel_requested = true;
  now.channel.link = RunChannel::Link::kClosed;
  now.channel.heard_at.reset();
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("Connect", "SendCancel"));
}

TEST(PlanACancellation, OfAnAdoptedRunLooksForItsJobFirst) {
  Situation now = Claimed();
  now.recovered = true;
  now.cancel_requested = true;
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("DeleteJob"));
  now.job_deleted_at = Ago(Milliseconds(100));
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("Confirm"));
  now.is_gone = true;
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("Finish")) << "nothing more to wait for";
}

TEST(PlanACancellation, StillStoresWhatTheProgramWrote) {
  Situation now = Running();
  now.cancel_requested = true;
  now.channel.unstored_since = Ago(kSettings.flush_delay);
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("RecordProgress", "SendCancel"));
}

TEST(PlanACancellation, ARunnerThatObeyedEndsTheRun) {
  Situation now = Running();
  now.cancel_requested = true;
  now.channel.records.finished = Ended();
  now.channel.records.finished->reason = protocol::Reason::kCancelled;
  now.channel.records.complete = true;
  EXPECT_EQ(OutcomeOf(Plan(now, kSettings)).status, RunStatus::kCancelled);
  EXPECT_FALSE(OutcomeOf(Plan(now, kSettings)).output_incomplete);
}

// ---- seeing the runner off

Situation Committed() {
  Situation now = Running();
  now.channel.records.finished = Ended();
  now.channel.records.complete = true;
  now.committed_at = Ago(Milliseconds(10));
  return now;
}

TEST(PlanSeeOff, ARunThatHasEndedEndsOnlyOnce) {
  Situation now = Committed();
  const Decision decision = Plan(now, kSettings);
  EXPECT_THAT(Names(decision), IsEmpty());
  EXPECT_LE(decision.again.value(), kSettings.leaving_patience - Milliseconds(10));
}

TEST(PlanSeeOff, ARunnerThatHasLeftIsForgotten) {
  Situation now = Committed();
  now.channel.end_acknowledged = true;
  EXPECT_THAT(Names(Plan(now, kSettings)), IsEmpty()) << "it is about to leave";
  now.channel.link = RunChannel::Link::kClosed;
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("Release"));
}

TEST(PlanSeeOff, APodThatEndedOrIsDeletedOrGoneHasLeft) {
  Situation now = Committed();
  now.cluster.pod->phase = "Succeeded";
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("Release"));
  now = Committed();
  now.cluster.pod->meta.deleting = true;
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("Release"));
  EXPECT_THAT(Names(Plan(Vanished(Committed()), kSettings)), ElementsAre("Release"));
}

TEST(PlanSeeOff, ARunnerThatDoesNotKnowYetIsToldOnANewLink) {
  Situation now = Committed();
  now.channel.link = RunChannel::Link::kClosed;
  now.channel.heard_at.reset();
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("Connect"));
}

TEST(PlanSeeOff, PatienceWithARunnerThatStaysEnds) {
  Situation now = Committed();
  now.committed_at = Ago(kSettings.leaving_patience);
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("Release"));
}

}  // namespace
}  // namespace oneshot::reconcile
