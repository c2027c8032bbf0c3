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
  return std::get<Finish>(decision.actions.at(0)).outcome;
}
const store::Interruption& InterruptionOf(const Decision& decision) {
  return std::get<Interrupt>(decision.actions.at(0)).interruption;
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

/// A cold run whose pod has a node, and to which nothing has been attached yet.
Observed Scheduled() {
  Observed now;
  now.job_created = true;
  now.cluster.job = AJob();
  now.cluster.pod = APod();
  return now;
}

/// A cold run whose pod was scheduled and whose attach is open, delivered a moment ago.
Observed Delivered() {
  Observed now = Scheduled();
  now.pod_recorded = true;
  now.since_claim = Milliseconds(400);
  now.channel.link = RunChannel::Link::kOpen;
  now.channel.opens = 1;
  now.since_link_change = Milliseconds(10);
  now.since_delivery = Milliseconds(10);
  return now;
}

Observed Running() {
  Observed now = Delivered();
  now.channel.started = true;
  now.since_start = Milliseconds(500);
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
  Observed now;
  now.cluster.job = AJob();
  EXPECT_THAT(Names(Plan(now, kSettings)), IsEmpty());
  now.cluster.job.reset();
  now.job_created = true;
  EXPECT_THAT(Names(Plan(now, kSettings)), IsEmpty()) << "the watch has not shown it yet";
}

TEST(Plan, ARefusedTemplateEndsTheAttemptInTheServersWords) {
  Observed now;
  now.refusal = "Job is invalid";
  now.refused_for_good = true;
  EXPECT_EQ(InterruptionOf(Plan(now, kSettings)).reason, "job_refused");
  EXPECT_EQ(InterruptionOf(Plan(now, kSettings)).message, "Job is invalid");
  now.refused_for_good = false;  // quota, which may be free again
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("CreateJob"));
  now.since_claim = kSettings.start_timeout;
  EXPECT_EQ(InterruptionOf(Plan(now, kSettings)).reason, "job_refused");
}

TEST(Plan, TheAttachIsTriedFromTheMomentThePodIsScheduled) {
  Observed now = Scheduled();
  now.cluster.pod->scheduled = false;
  EXPECT_THAT(Names(Plan(now, kSettings)), IsEmpty());
  now.cluster.pod->scheduled = true;
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("Connect"));
}

TEST(Plan, TheFirstAttachWaitsAsLongAsStartsTake) {
  Observed now = Scheduled();
  now.first_attach = Milliseconds(300);
  now.since_scheduled = Milliseconds(100);
  const Decision early = Plan(now, kSettings);
  EXPECT_THAT(Names(early), IsEmpty());
  EXPECT_EQ(early.again, Milliseconds(200));
  now.since_scheduled = Milliseconds(300);
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("Connect"));
}

TEST(Plan, AStatusThatSaysItRunsEndsTheWaitForTheFirstAttach) {
  Observed now = Scheduled();
  now.cluster.pod->container.kind = ContainerState::Kind::kRunning;
  now.first_attach = Milliseconds(300);
  now.since_scheduled = Milliseconds(100);
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("Connect"));
}

TEST(Plan, WhereStartsTakeLongAnAttachIsTriedLessOften) {
  Observed now = Delivered();
  now.channel.link = RunChannel::Link::kClosed;
  now.channel.failures = 1;
  now.first_attach = 16 * delivery::ConnectPause(1) * 2;
  now.since_link_change = delivery::ConnectPause(1);
  EXPECT_THAT(Names(Plan(now, kSettings)), IsEmpty());
  now.since_link_change = 2 * delivery::ConnectPause(1);
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("Connect"));
}

TEST(Plan, ARefusedAttachIsTriedAgainAfterItsPause) {
  Observed now = Delivered();
  now.channel.link = RunChannel::Link::kClosed;
  now.channel.failures = 1;
  now.since_link_change = Milliseconds(1);
  const Decision early = Plan(now, kSettings);
  EXPECT_THAT(Names(early), IsEmpty());
  EXPECT_LE(early.again, delivery::ConnectPause(1));
  now.since_link_change = Milliseconds(1000);
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("Connect"));
}

TEST(Plan, AnUnansweredRequestIsWrittenAgain) {
  Observed now = Delivered();
  EXPECT_THAT(Names(Plan(now, kSettings)), IsEmpty());
  now.since_delivery = kSettings.delivery_patience;
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("Redeliver", "ReadLog"));
}

TEST(Plan, TheCompleteEndRecordEndsTheRunWhateverElseIsSeen) {
  Observed now = Running();
  now.channel.finished = Ended(3);
  now.channel.complete = true;
  now.channel.intact = true;
  now.cancel_requested = true;
  const Decision decision = Plan(now, kSettings);
  EXPECT_THAT(Names(decision), ElementsAre("Finish"));
  EXPECT_EQ(OutcomeOf(decision).status, RunStatus::kFailed);
  EXPECT_FALSE(OutcomeOf(decision).output_incomplete);
}

TEST(Plan, DamagedOutputIsTold) {
  Observed now = Running();
  now.channel.finished = Ended();
  now.channel.complete = true;
  now.channel.intact = false;
  EXPECT_TRUE(OutcomeOf(Plan(now, kSettings)).output_incomplete);
}

TEST(Plan, TheStartIsRecordedUnlessTheEndComesFirst) {
  Observed now = Delivered();
  now.channel.started = true;
  now.since_start = Milliseconds(0);
  const Decision early = Plan(now, kSettings);
  EXPECT_THAT(Names(early), IsEmpty());
  EXPECT_EQ(early.again, kSettings.flush_delay);
  now.since_start = kSettings.flush_delay;
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("RecordProgress"));
}

TEST(Plan, OutputIsStoredSoonAndThenAtIntervals) {
  Observed now = Running();
  EXPECT_THAT(Names(Plan(now, kSettings)), IsEmpty());
  now.since_fresh = kSettings.flush_delay;
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("RecordProgress"));
  now.since_flush = Milliseconds(1);
  const Decision resting = Plan(now, kSettings);
  EXPECT_THAT(Names(resting), IsEmpty());
  EXPECT_EQ(resting.again, kSettings.flush_interval - Milliseconds(1));
}

TEST(Plan, AGapIsFilledFromTheLog) {
  Observed now = Running();
  now.channel.has_gap = true;
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("ReadLog"));
  now.since_log_read = Milliseconds(1);
  EXPECT_THAT(Names(Plan(now, kSettings)), IsEmpty()) << "not in a loop";
}

TEST(Plan, ANewControllerReadsTheLogOnceItsAttachIsOpen) {
  Observed now = Running();
  now.cluster.pod->container.kind = ContainerState::Kind::kRunning;
  now.recovered = true;
  now.log_is_current = false;
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("ReadLog"));
  now.channel.link = RunChannel::Link::kNone;
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("Connect"))
      << "what is printed between log and attach would be lost";
}

Observed AfterTheEnd() {
  Observed now = Running();
  now.channel.link = RunChannel::Link::kClosed;
  now.cluster.pod->phase = "Succeeded";
  now.cluster.pod->container.kind = ContainerState::Kind::kTerminated;
  return now;
}

TEST(Plan, AnEndedPodsLogIsReadUpToThreeTimesWithPauses) {
  Observed now = AfterTheEnd();
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("ReadLog"));
  now.end_log_reads = 1;
  now.since_log_read = Milliseconds(0);
  EXPECT_THAT(Names(Plan(now, kSettings)), IsEmpty());
  now.since_log_read = Milliseconds(200);
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("ReadLog"));
}

TEST(Plan, WithoutTheLogTheTerminationMessageDecides) {
  Observed now = AfterTheEnd();
  now.end_log_reads = 3;
  now.cluster.pod->container.message = protocol::Encode(protocol::Record(Ended(7)));
  const Decision decision = Plan(now, kSettings);
  EXPECT_EQ(OutcomeOf(decision).exit_code, 7);
  EXPECT_TRUE(OutcomeOf(decision).output_incomplete);
}

TEST(Plan, WithoutAnyEndRecordThePodsStatusDecides) {
  Observed now = AfterTheEnd();
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
  Observed now = Running();
  now.cluster.pod.reset();
  now.pod_vanished = true;
  EXPECT_EQ(InterruptionOf(Plan(now, kSettings)).reason, "pod_lost");
  now.channel.finished = Ended();  // some records are missing, but how it ended is known
  EXPECT_TRUE(OutcomeOf(Plan(now, kSettings)).output_incomplete);
}

TEST(Plan, AWarmJobThatIsGoneIsNotReplacedUnderItsName) {
  Observed now;
  now.warm = true;
  EXPECT_EQ(InterruptionOf(Plan(now, kSettings)).reason, "pod_lost");
}

TEST(Plan, WhatDoesNotStartInTimeIsInterruptedWithItsReason) {
  Observed now = Scheduled();
  now.cluster.pod->scheduled = false;
  now.cluster.pod->unschedulable_message = "0/1 nodes are available: 1 Insufficient memory.";
  now.since_claim = kSettings.start_timeout - Milliseconds(1);
  EXPECT_THAT(Names(Plan(now, kSettings)), IsEmpty());
  now.since_claim = kSettings.start_timeout;
  const Decision decision = Plan(now, kSettings);
  EXPECT_THAT(Names(decision), ElementsAre("Interrupt", "DeleteJob"));
  EXPECT_EQ(InterruptionOf(decision).reason, "unschedulable");
  EXPECT_EQ(InterruptionOf(decision).message, "0/1 nodes are available: 1 Insufficient memory.");
}

TEST(Plan, TheStartTimeoutEndsWithTheStart) {
  Observed now = Running();
  now.since_claim = kSettings.start_timeout * 2;
  EXPECT_THAT(Names(Plan(now, kSettings)), IsEmpty());
}

TEST(Plan, ASilentRunnerIsGivenUpLongAfterTheTimeLimit) {
  Observed now = Running();
  now.since_start = now.wall_limit + kSettings.silence_after_wall;
  EXPECT_EQ(InterruptionOf(Plan(now, kSettings)).reason, "runner_silent");
}

TEST(Plan, CancelBeforeAnythingExistsEndsTheRunAtOnce) {
  Observed now;
  now.cancel_requested = true;
  const Decision decision = Plan(now, kSettings);
  EXPECT_THAT(Names(decision), ElementsAre("Finish"));
  EXPECT_EQ(OutcomeOf(decision).status, RunStatus::kCancelled);
}

TEST(Plan, CancelWhileStartingDeletesTheJobAndWaitsUntilThePodIsGone) {
  Observed now = Delivered();
  now.cancel_requested = true;
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("DeleteJob"));
  now.since_job_deleted = Milliseconds(100);
  EXPECT_THAT(Names(Plan(now, kSettings)), IsEmpty());
  now.cluster.pod.reset();
  now.pod_vanished = true;
  const Decision decision = Plan(now, kSettings);
  EXPECT_THAT(Names(decision), ElementsAre("Finish"));
  EXPECT_EQ(OutcomeOf(decision).status, RunStatus::kCancelled);
}

TEST(Plan, CancelWhileRunningAsksTheRunnerFirst) {
  Observed now = Running();
  now.cancel_requested = true;
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("SendCancel"));
  now.since_cancel_sent = Milliseconds(10);
  EXPECT_THAT(Names(Plan(now, kSettings)), IsEmpty());
  now.since_cancel_sent = kSettings.cancel_patience;
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("DeleteJob"));
}

TEST(Plan, CancelOfARecoveredRunLooksForItsJobFirst) {
  Observed now;
  now.recovered = true;
  now.cancel_requested = true;
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("DeleteJob"));
  now.since_job_deleted = Milliseconds(60'000);
  EXPECT_THAT(Names(Plan(now, kSettings)), ElementsAre("Finish"));
}

}  // namespace
}  // namespace oneshot::reconcile
