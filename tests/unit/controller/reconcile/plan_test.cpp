// Decisions on the way from the claim to the end, one situation each; the list of actions is the
// result.
#include "controller/reconcile/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/controller/reconcile/plan_fixture.h"

namespace oneshot::reconcile {
namespace {

using base::Milliseconds;
using delivery::RunChannel;
using kube::ContainerState;
using testing::ElementsAre;
using testing::IsEmpty;

const PlanSettings kSettings;

// ---- the Job

TEST(Plan, AFreshRunGetsItsJob) {
  const Decision decision = Plan(Claimed(), kSettings);
  EXPECT_THAT(Names(decision), ElementsAre("CreateJob"));
  EXPECT_TRUE(decision.again);
}

TEST(Plan, AJobThatIsThereIsNotCreatedAgain) {
  Situation now = Claimed();
  now.cluster.job = AJob();
  EXPECT_THAT(Names(Plan(now, kSettings)), IsEmpty());
  now.cluster.job.reset();
  now.job_created = true;
  EXPECT_THAT(Names(Plan(now, kSettings)), IsEmpty()) << "the watch has not shown it yet";
}

TEST(Plan, AJobWhosePodIsThereIsNotCreatedAgain) {
  // Its deletion was seen before its pod's, or the watch of Jobs lags: either way its runner may
  // have the run, and a second Job of this name would run it again beside it.
  Situation now = Recorded();
  now.job_created = false;
  now.recovered = true;
  now.may_have_been_delivered = true;
  now.cluster.job.reset();
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("Connect"));
}

TEST(Plan, AWaitingJobIsNeverCreated) {
  Situation now = Claimed();
  now.warm = true;
  now.delivery_allowed = true;
  now.cluster.pod = APod();
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("Connect"));
}

TEST(Plan, ARunWithFilesIsDeliveredToAWaitingJobOnceTheyAreRead) {
  Situation now = Claimed();
  now.warm = true;
  now.cluster.pod = APod();
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("AllowDelivery", "Connect"));
}

TEST(Plan, InputIsSentOverALinkThatReachesTheRunner) {
  Situation now = Claimed();
  now.warm = now.delivery_allowed = true;
  now.cluster.pod = APod();
  now.next_stdin = 2;
  now.channel.link = RunChannel::Link::kOpen;
  now.channel.wants_stdin_from = 1;
  EXPECT_THAT(Names(Plan(now, kSettings)), testing::Not(testing::Contains("SendStdin")));
  now.channel.heard_at = kNow;
  EXPECT_THAT(Names(Plan(now, kSettings)), testing::Contains("SendStdin"));
  now.channel.wants_stdin_from = 2;
  EXPECT_THAT(Names(Plan(now, kSettings)), testing::Not(testing::Contains("SendStdin")));
}

TEST(Plan, ARefusedTemplateEndsTheAttemptInTheServersWordsAndSpendsNone) {
  Situation now = Claimed();
  now.refusal = "Job is invalid";
  now.refused_for_good = true;
  const Decision decision = Plan(now, kSettings);
  EXPECT_THAT(Names(decision), ElementsAre("Interrupt", "DeleteJob"));
  EXPECT_EQ(InterruptionOf(decision).reason, "job_refused");
  EXPECT_EQ(InterruptionOf(decision).message, "Job is invalid");
  EXPECT_FALSE(InterruptionOf(decision).may_have_begun);
}

TEST(Plan, ARefusalThatMayPassIsToldAndTriedAgainUntilTheTimeToStartIsOver) {
  Situation now = Claimed();
  now.refusal = "exceeded quota";
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("CreateJob", "RecordProgress"));
  now.message_recorded = now.refusal;
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("CreateJob"));
  now.claimed_at = Ago(kSettings.start_timeout);
  const Decision decision = Plan(now, kSettings);
  EXPECT_EQ(InterruptionOf(decision).reason, "job_refused");
  EXPECT_FALSE(InterruptionOf(decision).may_have_begun);
}

TEST(Plan, AJobThatFailedWithoutAPodSpendsNoAttempt) {
  Situation now = Claimed();
  now.cluster.job = AJob();
  now.cluster.job->has_failed = true;
  now.cluster.job->condition_reason = "DeadlineExceeded";
  const Decision decision = Plan(now, kSettings);
  EXPECT_EQ(InterruptionOf(decision).reason, "job_failed");
  EXPECT_FALSE(InterruptionOf(decision).may_have_begun);
}

// ---- the link and the delivery

TEST(Plan, ALinkIsTriedFromTheMomentThePodHasANode) {
  Situation now = Recorded();
  now.cluster.pod->scheduled = false;
  EXPECT_THAT(Names(Plan(now, kSettings)), IsEmpty());
  now.cluster.pod->scheduled = true;
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("Connect"));
}

TEST(Plan, TheFirstLinkWaitsAsLongAsStartsTake) {
  Situation now = Recorded();
  now.first_attach = Milliseconds(300);
  now.scheduled_at = Ago(Milliseconds(100));
  const Decision early = Plan(now, kSettings);
  EXPECT_THAT(Names(early), IsEmpty());
  EXPECT_EQ(early.again, Milliseconds(200));
  now.scheduled_at = Ago(Milliseconds(300));
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("Connect"));
}

TEST(Plan, ALinkThatIsSilentIsAskedAndThenReplaced) {
  Situation now = Running();
  now.channel.heard_at = Ago(Milliseconds(4'000));
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("Ask"));
  now.channel.asked_at = Ago(Milliseconds(5'000));
  now.channel.link_changed = Ago(Milliseconds(60'000));
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("Connect"));
}

TEST(Plan, ARunIsDeliveredOnlyWhenThePodIsRecorded) {
  Situation now = InTouch();
  now.pod_recorded = false;
  now.delivery_allowed = false;
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("RecordProgress"));
  now.pod_recorded = true;
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("AllowDelivery"));
  now.delivery_allowed = true;
  EXPECT_THAT(Names(Plan(now, kSettings)), IsEmpty());
}

TEST(Plan, TheLogIsForDeadRunnersOnly) {
  Situation now = Running();
  now.channel.records.finished = Ended();  // records before it are missing
  EXPECT_THAT(Names(Plan(now, kSettings)), IsEmpty());
  now.channel.link = RunChannel::Link::kClosed;
  now.channel.heard_at.reset();
  now.channel.link_changed = Ago(Milliseconds(1'000));
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("Connect"));
  EXPECT_THAT(Names(Plan(Dead(), kSettings)), ElementsAre("ReadLog"));
}

// ---- the record

TEST(Plan, TheStartIsRecordedUnlessTheEndComesFirst) {
  Situation now = Running();
  now.start_recorded = false;
  now.channel.started_at = Ago(Milliseconds(0));
  const Decision early = Plan(now, kSettings);
  EXPECT_THAT(Names(early), IsEmpty());
  EXPECT_EQ(early.again, kSettings.flush_delay);
  now.channel.started_at = Ago(kSettings.flush_delay);
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("RecordProgress"));
}

TEST(Plan, OutputIsStoredSoonAndThenAtIntervals) {
  Situation now = Running();
  EXPECT_THAT(Names(Plan(now, kSettings)), IsEmpty());
  now.channel.unstored_since = Ago(kSettings.flush_delay);
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("RecordProgress"));
  now.flushed_at = Ago(Milliseconds(1));
  const Decision resting = Plan(now, kSettings);
  EXPECT_THAT(Names(resting), IsEmpty());
  EXPECT_EQ(resting.again, kSettings.flush_interval - Milliseconds(1));
}

TEST(Plan, HalfAWindowIsStoredAtOnceBecauseTheRunnerStopsAtAFullOne) {
  Situation now = Running();
  now.channel.unstored_since = Ago(Milliseconds(0));
  now.flushed_at = Ago(Milliseconds(1));
  now.channel.unstored_bytes = protocol::kMaxUnacknowledged / 2 - 1;
  EXPECT_THAT(Names(Plan(now, kSettings)), IsEmpty());
  now.channel.unstored_bytes = protocol::kMaxUnacknowledged / 2;
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("RecordProgress"));
}

TEST(Plan, WhereAWaitingJobsPodRunsIsToldWithTheOutputOrAfterASecond) {
  Situation now = Delivered();
  now.warm = true;
  now.pod_recorded = false;
  const Decision early = Plan(now, kSettings);
  EXPECT_THAT(Names(early), IsEmpty());
  EXPECT_TRUE(early.again);
  now.claimed_at = Ago(Milliseconds(1'000));
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("RecordProgress"));
}

TEST(Plan, WhatKeepsItFromBeginningIsToldOnce) {
  Situation now = Claimed();
  now.job_created = true;
  now.cluster.job = AJob();
  now.cluster.pod = APod();
  now.cluster.pod->scheduled = false;
  now.cluster.pod->unschedulable_message = "0/1 nodes are available";
  EXPECT_THAT(Names(Plan(now, kSettings)), IsEmpty()) << "most starts are over soon";
  now.claimed_at = Ago(Milliseconds(3'000));
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("RecordProgress"));
  now.message_recorded = WhyNotBegun(now);
  EXPECT_THAT(Names(Plan(now, kSettings)), IsEmpty());
}

TEST(WhyNotBegun, TellsTheCauseAndNothingOnceTheProgramHasBegun) {
  Situation now = Claimed();
  EXPECT_EQ(WhyNotBegun(now), "");
  now.refusal = "exceeded quota";
  EXPECT_EQ(WhyNotBegun(now), "exceeded quota");
  now.claimed_at = Ago(Milliseconds(3'000));
  now.cluster.pod = APod();
  EXPECT_EQ(WhyNotBegun(now), "") << "it has a node, and starts";
  now.message_recorded = "0/1 nodes are available";
  EXPECT_EQ(WhyNotBegun(now), "0/1 nodes are available") << "the last thing that was to tell";
  now.cluster.pod->container.kind = ContainerState::Kind::kWaiting;
  now.cluster.pod->container.reason = "ImagePullBackOff";
  now.cluster.pod->container.message = "no such image";
  EXPECT_EQ(WhyNotBegun(now), "ImagePullBackOff: no such image");
  now.channel.records.started = true;
  EXPECT_EQ(WhyNotBegun(now), "");
}

// ---- attempts

TEST(MayHaveBegun, OnlyWhatWasDeliveredHereOrBefore) {
  EXPECT_FALSE(MayHaveBegun(Claimed()));
  EXPECT_FALSE(MayHaveBegun(InTouch()));
  EXPECT_TRUE(MayHaveBegun(Delivered()));
  EXPECT_TRUE(MayHaveBegun(Running()));
  Situation adopted = Claimed();
  adopted.recovered = true;
  EXPECT_FALSE(MayHaveBegun(adopted)) << "its pod was not recorded, so it was not delivered";
  adopted.may_have_been_delivered = true;
  EXPECT_TRUE(MayHaveBegun(adopted));
  adopted.channel.records.finished = protocol::Finished{};
  EXPECT_FALSE(MayHaveBegun(adopted)) << "its runner ended and says that no run came";
}

TEST(Plan, ARunnerThatEndsBeforeItsRunCameSpendsNoAttempt) {
  Situation now = Delivered();
  now.channel.records.finished = protocol::Finished{.reason = protocol::Reason::kCancelled};
  const Decision decision = Plan(now, kSettings);
  EXPECT_THAT(Names(decision), ElementsAre("Interrupt", "DeleteJob"));
  EXPECT_FALSE(InterruptionOf(decision).may_have_begun);
  EXPECT_EQ(InterruptionOf(decision).node, "node-1");
}

TEST(Plan, WhatDoesNotStartInTimeIsInterruptedWithItsReasonAndSpendsNoAttempt) {
  Situation now = Recorded();
  now.cluster.pod->scheduled = false;
  now.cluster.pod->unschedulable_message = "0/1 nodes are available: 1 Insufficient memory.";
  now.message_recorded = now.cluster.pod->unschedulable_message;
  now.claimed_at = Ago(kSettings.start_timeout - Milliseconds(1));
  const Decision early = Plan(now, kSettings);
  EXPECT_THAT(Names(early), IsEmpty());
  EXPECT_EQ(early.again, Milliseconds(1));
  now.claimed_at = Ago(kSettings.start_timeout);
  const Decision decision = Plan(now, kSettings);
  EXPECT_THAT(Names(decision), ElementsAre("Interrupt", "DeleteJob"));
  EXPECT_EQ(InterruptionOf(decision).reason, "unschedulable");
  EXPECT_EQ(InterruptionOf(decision).message, "0/1 nodes are available: 1 Insufficient memory.");
  EXPECT_FALSE(InterruptionOf(decision).may_have_begun);
}

TEST(Plan, ADeliveredRunThatItsRunnerDoesNotStartSpendsOne) {
  Situation now = Delivered();
  now.claimed_at = Ago(kSettings.start_timeout);
  EXPECT_THAT(Names(Plan(now, kSettings)), IsEmpty()) << "it was delivered a moment ago";
  now.channel.delivered_at = Ago(kSettings.start_timeout);
  const Decision decision = Plan(now, kSettings);
  EXPECT_EQ(InterruptionOf(decision).reason, "start_timeout");
  EXPECT_TRUE(InterruptionOf(decision).may_have_begun);
  EXPECT_EQ(InterruptionOf(decision).node, "node-1");
}

TEST(Plan, TheStartTimeoutEndsWithTheStart) {
  Situation now = Running();
  now.claimed_at = Ago(kSettings.start_timeout * 2);
  EXPECT_THAT(Names(Plan(now, kSettings)), IsEmpty());
}

// ---- a runner that says nothing, or cannot be reached

TEST(Plan, ASilentRunnerIsGivenUpLongAfterTheTimeLimit) {
  Situation now = RunningTooLong(kSettings);
  const Decision decision = Plan(now, kSettings);
  EXPECT_EQ(InterruptionOf(decision).reason, "runner_silent");
  EXPECT_TRUE(InterruptionOf(decision).may_have_begun);
  now.channel.started_at = *now.channel.started_at + Milliseconds(1);
  EXPECT_THAT(Names(Plan(now, kSettings)), IsEmpty());
}

TEST(Plan, ARunnerOutOfReachKeepsItsResultAndIsWaitedForThatLong) {
  Situation now = RunningTooLong(kSettings);
  now.channel.link = RunChannel::Link::kOpening;
  now.channel.heard_at.reset();
  EXPECT_THAT(Names(Plan(now, kSettings)), IsEmpty());
  now.channel.started_at = *now.channel.started_at - kSettings.result_hold;
  EXPECT_EQ(InterruptionOf(Plan(now, kSettings)).reason, "runner_silent");
}

// Its first words come before its last ones.
TEST(Plan, ARunnerThatIsReachedAgainHasTimeToSayItsResult) {
  Situation now = RunningTooLong(kSettings);
  now.channel.link_changed = Ago(Milliseconds(10));
  EXPECT_THAT(Names(Plan(now, kSettings)), IsEmpty());
  now.channel.link_changed = Ago(kSettings.silence_after_wall);
  EXPECT_EQ(InterruptionOf(Plan(now, kSettings)).reason, "runner_silent");
}

// The runner says no more than a window until it is stored.
TEST(Plan, ARunnerThatWaitsForTheStoreIsNotSilent) {
  Situation now = RunningTooLong(kSettings);
  now.channel.unstored_since = Ago(Milliseconds(20'000));
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("RecordProgress"));
  now.channel.unstored_since.reset();
  now.flushed_at = Ago(Milliseconds(1));
  EXPECT_THAT(Names(Plan(now, kSettings)), IsEmpty()) << "the next window is on its way";
}

TEST(Plan, AnAdoptedRunThatMayHaveBegunIsWaitedForAsIfItHad) {
  Situation now = Recorded();
  now.recovered = true;
  now.may_have_been_delivered = true;
  now.channel.link = RunChannel::Link::kOpening;
  now.claimed_at = Ago(kSettings.start_timeout * 2);
  EXPECT_THAT(Names(Plan(now, kSettings)), IsEmpty());
  now.claimed_at = Ago(now.wall_limit + kSettings.silence_after_wall + kSettings.result_hold);
  EXPECT_EQ(InterruptionOf(Plan(now, kSettings)).reason, "runner_silent");
}

TEST(Plan, APodThatIsDeletedMayGoOnWhileItsRunnerAnswers) {
  Situation now = Running();
  now.cluster.pod->meta.deleting = true;
  now.deleting_since = Ago(kSettings.deletion_patience);
  EXPECT_THAT(Names(Plan(now, kSettings)), IsEmpty());
  now.channel.link = RunChannel::Link::kOpening;
  now.channel.heard_at.reset();
  const Decision decision = Plan(now, kSettings);
  EXPECT_EQ(InterruptionOf(decision).reason, "pod_disrupted");
  EXPECT_TRUE(InterruptionOf(decision).may_have_begun);
  now.deleting_since = Ago(kSettings.deletion_patience - Milliseconds(1));
  EXPECT_THAT(Names(Plan(now, kSettings)), IsEmpty());
}

}  // namespace
}  // namespace oneshot::reconcile
