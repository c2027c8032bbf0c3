// Decisions, one situation each; the list of actions is the result.
#include "controller/reconcile/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/protocol/codec.h"

namespace oneshot::reconcile {
namespace {

using base::Milliseconds;
using delivery::RunChannel;
using domain::RunStatus;
using kube::ContainerState;
using testing::ElementsAre;
using testing::IsEmpty;

/// The names of a decision's actions.
std::vector<std::string> Names(const Decision& decision) {
  static constexpr const char* kNames[] = {"CreateJob",      "Connect", "Redeliver",
                                           "SendCancel",     "ReadLog", "DeleteJob",
                                           "RecordProgress", "Finish",  "Interrupt"};
  std::vector<std::string> names;
  for (const Action& action : decision.actions) names.emplace_back(kNames[action.index()]);
  return names;
}

const domain::Outcome& OutcomeOf(const Decision& decision) {
  return std::get<domain::Outcome>(decision.actions.at(0));
}
const store::Interruption& InterruptionOf(const Decision& decision) {
  return std::get<store::Interruption>(decision.actions.at(0));
}

kube::Job AJob() {
  kube::Job job;
  job.meta.name = "run-r-1";
  return job;
}

kube::Pod APod() {
  kube::Pod pod;
  pod.meta.name = "run-r-1-abcde";
  pod.phase = "Pending";
  pod.scheduled = true;
  return pod;
}

protocol::Finished Ended(int exit_code = 0) {
  protocol::Finished finished;
  finished.run_id = "r";
  finished.attempt = 1;
  finished.exit_code = exit_code;
  finished.reason = protocol::Reason::kExited;
  return finished;
}

/// As long before the look, which is at zero.
base::MonotonicTime Ago(Milliseconds span) { return base::MonotonicTime{} - span; }

/// A cold run whose pod has a node, and to which nothing has been attached yet.
Situation Scheduled() {
  Situation now;
  now.job_created = true;
  now.cluster.job = AJob();
  now.cluster.pod = APod();
  return now;
}

/// A cold run whose pod was scheduled and whose attach is open, delivered a moment ago.
Situation Delivered() {
  Situation now = Scheduled();
  now.pod_recorded = true;
  now.claimed_at = Ago(Milliseconds(400));
  now.channel.link = RunChannel::Link::kOpen;
  now.channel.opens = 1;
  now.channel.link_changed = Ago(Milliseconds(10));
  now.channel.delivered_at = Ago(Milliseconds(10));
  return now;
}

Situation Running() {
  Situation now = Delivered();
  now.channel.started_at = Ago(Milliseconds(500));
  now.start_recorded = true;
  return now;
}

const PlanSettings kSettings;

TEST(Plan, AFreshRunGetsItsJob) {
  const Decision decision = Plan({}, kSettings);
  EXPECT_THAT(Names(decision), ElementsAre("CreateJob"));
  EXPECT_TRUE(decision.again);
}

TEST(Plan, AJobThatIsThereIsNotCreatedAgain) {
  Situation now;
  now.cluster.job = AJob();
  EXPECT_THAT(Names(Plan(now, kSettings)), IsEmpty());
  now.cluster.job.reset();
  now.job_created = true;
  EXPECT_THAT(Names(Plan(now, kSettings)), IsEmpty()) << "the watch has not shown it yet";
}

TEST(Plan, ARefusedTemplateEndsTheAttemptInTheServersWords) {
  Situation now;
  now.refusal = "Job is invalid";
  now.refused_for_good = true;
  EXPECT_EQ(InterruptionOf(Plan(now, kSettings)).reason, "job_refused");
  EXPECT_EQ(InterruptionOf(Plan(now, kSettings)).message, "Job is invalid");
  now.refused_for_good = false;  // quota, which may be free again
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("CreateJob"));
  now.claimed_at = Ago(kSettings.start_timeout);
  EXPECT_EQ(InterruptionOf(Plan(now, kSettings)).reason, "job_refused");
}

TEST(Plan, TheAttachIsTriedFromTheMomentThePodIsScheduled) {
  Situation now = Scheduled();
  now.cluster.pod->scheduled = false;
  EXPECT_THAT(Names(Plan(now, kSettings)), IsEmpty());
  now.cluster.pod->scheduled = true;
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("Connect"));
}

TEST(Plan, TheFirstAttachWaitsAsLongAsStartsTake) {
  Situation now = Scheduled();
  now.first_attach = Milliseconds(300);
  now.scheduled_at = Ago(Milliseconds(100));
  const Decision early = Plan(now, kSettings);
  EXPECT_THAT(Names(early), IsEmpty());
  EXPECT_EQ(early.again, Milliseconds(200));
  now.scheduled_at = Ago(Milliseconds(300));
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("Connect"));
}

TEST(Plan, AStatusThatSaysItRunsEndsTheWaitForTheFirstAttach) {
  Situation now = Scheduled();
  now.cluster.pod->container.kind = ContainerState::Kind::kRunning;
  now.first_attach = Milliseconds(300);
  now.scheduled_at = Ago(Milliseconds(100));
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("Connect"));
}

TEST(Plan, WhereStartsTakeLongAnAttachIsTriedLessOften) {
  Situation now = Delivered();
  now.channel.link = RunChannel::Link::kClosed;
  now.channel.failures = 1;
  now.first_attach = 16 * delivery::ConnectPause(1) * 2;
  now.channel.link_changed = Ago(delivery::ConnectPause(1));
  EXPECT_THAT(Names(Plan(now, kSettings)), IsEmpty());
  now.channel.link_changed = Ago(2 * delivery::ConnectPause(1));
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("Connect"));
}

TEST(Plan, ARefusedAttachIsTriedAgainAfterItsPause) {
  Situation now = Delivered();
  now.channel.link = RunChannel::Link::kClosed;
  now.channel.failures = 1;
  now.channel.link_changed = Ago(Milliseconds(1));
  const Decision early = Plan(now, kSettings);
  EXPECT_THAT(Names(early), IsEmpty());
  EXPECT_LE(early.again, delivery::ConnectPause(1));
  now.channel.link_changed = Ago(Milliseconds(1000));
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("Connect"));
}

TEST(Plan, AnUnansweredRequestIsWrittenAgain) {
  Situation now = Delivered();
  EXPECT_THAT(Names(Plan(now, kSettings)), IsEmpty());
  now.channel.delivered_at = Ago(kSettings.delivery_patience);
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("Redeliver", "ReadLog"));
}

TEST(Plan, TheCompleteEndRecordEndsTheRunWhateverElseIsSeen) {
  Situation now = Running();
  now.channel.records.finished = Ended(3);
  now.channel.records.complete = true;
  now.channel.records.intact = true;
  now.cancel_requested = true;
  const Decision decision = Plan(now, kSettings);
  EXPECT_THAT(Names(decision), ElementsAre("Finish"));
  EXPECT_EQ(OutcomeOf(decision).status, RunStatus::kFailed);
  EXPECT_FALSE(OutcomeOf(decision).output_incomplete);
}

TEST(Plan, DamagedOutputIsTold) {
  Situation now = Running();
  now.channel.records.finished = Ended();
  now.channel.records.complete = true;
  now.channel.records.intact = false;
  EXPECT_TRUE(OutcomeOf(Plan(now, kSettings)).output_incomplete);
}

TEST(Plan, TheStartIsRecordedUnlessTheEndComesFirst) {
  Situation now = Delivered();
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
  now.channel.fresh_since = Ago(kSettings.flush_delay);
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("RecordProgress"));
  now.flushed_at = Ago(Milliseconds(1));
  const Decision resting = Plan(now, kSettings);
  EXPECT_THAT(Names(resting), IsEmpty());
  EXPECT_EQ(resting.again, kSettings.flush_interval - Milliseconds(1));
}

TEST(Plan, AGapIsFilledFromTheLog) {
  Situation now = Running();
  now.channel.records.has_gap = true;
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("ReadLog"));
  now.log_read_at = Ago(Milliseconds(1));
  EXPECT_THAT(Names(Plan(now, kSettings)), IsEmpty()) << "not in a loop";
}

TEST(Plan, ANewControllerReadsTheLogOnceItsAttachIsOpen) {
  Situation now = Running();
  now.cluster.pod->container.kind = ContainerState::Kind::kRunning;
  now.recovered = true;
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("ReadLog"));
  now.channel.link = RunChannel::Link::kNone;
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("Connect"))
      << "what is printed between log and attach would be lost";
}

Situation AfterTheEnd() {
  Situation now = Running();
  now.channel.link = RunChannel::Link::kClosed;
  now.cluster.pod->phase = "Succeeded";
  now.cluster.pod->container.kind = ContainerState::Kind::kTerminated;
  return now;
}

TEST(Plan, AnEndedPodsLogIsReadUpToThreeTimesWithPauses) {
  Situation now = AfterTheEnd();
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("ReadLog"));
  now.end_log_reads = 1;
  now.log_read_at = Ago(Milliseconds(0));
  EXPECT_THAT(Names(Plan(now, kSettings)), IsEmpty());
  now.log_read_at = Ago(Milliseconds(200));
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("ReadLog"));
}

TEST(Plan, WithoutTheLogTheTerminationMessageDecides) {
  Situation now = AfterTheEnd();
  now.end_log_reads = 3;
  now.cluster.pod->container.message = protocol::Encode(protocol::Record(Ended(7)));
  const Decision decision = Plan(now, kSettings);
  EXPECT_EQ(OutcomeOf(decision).exit_code, 7);
  EXPECT_TRUE(OutcomeOf(decision).output_incomplete);
}

TEST(Plan, WithoutAnyEndRecordThePodsStatusDecides) {
  Situation now = AfterTheEnd();
  now.end_log_reads = 3;
  now.cluster.pod->container.reason = "OOMKilled";
  EXPECT_EQ(OutcomeOf(Plan(now, kSettings)).status, RunStatus::kOutOfMemory);
  now.cluster.pod->container.reason = "Error";
  now.cluster.pod->container.exit_code = 137;
  const Decision decision = Plan(now, kSettings);
  EXPECT_THAT(Names(decision), ElementsAre("Interrupt", "DeleteJob"));
  EXPECT_EQ(InterruptionOf(decision).reason, "killed");
}

TEST(Plan, APodThatVanishedWithoutATraceIsTriedAgain) {
  Situation now = Running();
  now.cluster.pod.reset();
  now.saw_pod = true;
  EXPECT_EQ(InterruptionOf(Plan(now, kSettings)).reason, "pod_lost");
  now.channel.records.finished = Ended();  // some records are missing, but how it ended is known
  EXPECT_TRUE(OutcomeOf(Plan(now, kSettings)).output_incomplete);
}

TEST(Plan, AWarmJobThatIsGoneIsNotReplacedUnderItsName) {
  Situation now;
  now.warm = true;
  EXPECT_EQ(InterruptionOf(Plan(now, kSettings)).reason, "pod_lost");
}

TEST(Plan, WhatDoesNotStartInTimeIsInterruptedWithItsReason) {
  Situation now = Scheduled();
  now.cluster.pod->scheduled = false;
  now.cluster.pod->unschedulable_message = "0/1 nodes are available: 1 Insufficient memory.";
  now.claimed_at = Ago(kSettings.start_timeout - Milliseconds(1));
  EXPECT_THAT(Names(Plan(now, kSettings)), IsEmpty());
  now.claimed_at = Ago(kSettings.start_timeout);
  const Decision decision = Plan(now, kSettings);
  EXPECT_THAT(Names(decision), ElementsAre("Interrupt", "DeleteJob"));
  EXPECT_EQ(InterruptionOf(decision).reason, "unschedulable");
  EXPECT_EQ(InterruptionOf(decision).message, "0/1 nodes are available: 1 Insufficient memory.");
}

TEST(Plan, TheStartTimeoutEndsWithTheStart) {
  Situation now = Running();
  now.claimed_at = Ago(kSettings.start_timeout * 2);
  EXPECT_THAT(Names(Plan(now, kSettings)), IsEmpty());
}

TEST(Plan, ASilentRunnerIsGivenUpLongAfterTheTimeLimit) {
  Situation now = Running();
  now.channel.started_at = Ago(now.wall_limit + kSettings.silence_after_wall);
  EXPECT_EQ(InterruptionOf(Plan(now, kSettings)).reason, "runner_silent");
}

TEST(Plan, CancelBeforeAnythingExistsEndsTheRunAtOnce) {
  Situation now;
  now.cancel_requested = true;
  const Decision decision = Plan(now, kSettings);
  EXPECT_THAT(Names(decision), ElementsAre("Finish"));
  EXPECT_EQ(OutcomeOf(decision).status, RunStatus::kCancelled);
}

TEST(Plan, CancelWhileStartingDeletesTheJobAndWaitsUntilThePodIsGone) {
  Situation now = Delivered();
  now.cancel_requested = true;
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("DeleteJob"));
  now.job_deleted_at = Ago(Milliseconds(100));
  EXPECT_THAT(Names(Plan(now, kSettings)), IsEmpty());
  now.cluster.pod.reset();
  now.saw_pod = true;
  const Decision decision = Plan(now, kSettings);
  EXPECT_THAT(Names(decision), ElementsAre("Finish"));
  EXPECT_EQ(OutcomeOf(decision).status, RunStatus::kCancelled);
}

TEST(Plan, CancelWhileRunningAsksTheRunnerFirst) {
  Situation now = Running();
  now.cancel_requested = true;
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("SendCancel"));
  now.cancel_sent_at = Ago(Milliseconds(10));
  EXPECT_THAT(Names(Plan(now, kSettings)), IsEmpty());
  now.cancel_sent_at = Ago(kSettings.cancel_patience);
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("DeleteJob"));
}

TEST(Plan, CancelOfARecoveredRunLooksForItsJobFirst) {
  Situation now;
  now.recovered = true;
  now.cancel_requested = true;
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("DeleteJob"));
  now.job_deleted_at = Ago(Milliseconds(60'000));
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("Finish"));
}

}  // namespace
}  // namespace oneshot::reconcile
