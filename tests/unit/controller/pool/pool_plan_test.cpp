// What the pool and each of its Jobs need, one situation each.
#include "controller/pool/pool_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace oneshot::pool {
namespace {

using base::Milliseconds;
using delivery::LinkStep;
using delivery::RunChannel;
using kube::ContainerState;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const base::MonotonicTime kNow{std::chrono::hours(1)};

PoolSettings Settings() {
  return {.classes = {{.name = "small", .memory_mib = 256}, {.name = "large", .memory_mib = 1024}},
          .memory_budget_mib = 100'000,
          .max_idle_age = minutes(30),
          .start_timeout = seconds(60),
          .max_starting = 2,
          .priority_class = ""};
}

// ---- one Job

kube::Pod RunningPod() {
  kube::Pod pod;
  pod.meta.name = "warm-a-pod";
  pod.phase = "Running";
  pod.scheduled = true;
  pod.container.kind = ContainerState::Kind::kRunning;
  return pod;
}

WaitingJob Posted() {
  WaitingJob now;
  now.time = kNow;
  now.created_at = kNow - seconds(5);
  return now;
}

/// Its container runs, and its runner waits and answers.
WaitingJob Ready() {
  WaitingJob now = Posted();
  now.cluster.job.emplace();
  now.cluster.pod = RunningPod();
  now.channel.link = RunChannel::Link::kOpen;
  now.channel.link_changed = kNow - seconds(2);
  now.channel.heard_at = kNow - seconds(1);
  now.channel.records.ready.emplace();
  now.heard_at = now.channel.heard_at;
  now.was_seen = true;
  now.was_ready = true;
  return now;
}

/// The same, after so long without a word.
WaitingJob SilentFor(Milliseconds silence) {
  WaitingJob now = Ready();
  now.created_at = kNow - minutes(10);
  now.channel.heard_at.reset();
  now.channel.link = RunChannel::Link::kOpening;
  now.heard_at = kNow - silence;
  return now;
}

TEST(PlanWaitingJob, ANewOneIsWaitedForAsLongAsAStartMayTake) {
  WaitingJob now = Posted();
  const WaitingJobPlan plan = PlanWaitingJob(now, Settings());
  EXPECT_FALSE(plan.is_lost) << "the watch has not shown it yet";
  EXPECT_EQ(plan.step, LinkStep::kNothing);
  EXPECT_EQ(plan.again, seconds(55));
  now.created_at = kNow - seconds(60);
  EXPECT_TRUE(PlanWaitingJob(now, Settings()).is_lost);
}

TEST(PlanWaitingJob, ALinkIsOpenedOnlyOnceItsContainerRuns) {
  WaitingJob now = Posted();
  now.cluster.pod = RunningPod();
  now.cluster.pod->container.kind = ContainerState::Kind::kWaiting;
  EXPECT_EQ(PlanWaitingJob(now, Settings()).step, LinkStep::kNothing);
  now.cluster.pod->container.kind = ContainerState::Kind::kRunning;
  EXPECT_EQ(PlanWaitingJob(now, Settings()).step, LinkStep::kConnect);
}

// The status says up to a second late that a container runs.
TEST(PlanWaitingJob, ALinkIsOpenedAsSoonAsOtherRunnersHaveAnswered) {
  WaitingJob now = Posted();
  now.cluster.pod = RunningPod();
  now.cluster.pod->container.kind = ContainerState::Kind::kWaiting;
  now.first_attach = Milliseconds(300);
  now.scheduled_at = kNow - Milliseconds(100);
  const WaitingJobPlan early = PlanWaitingJob(now, Settings());
  EXPECT_EQ(early.step, LinkStep::kNothing);
  EXPECT_EQ(early.again, Milliseconds(200));
  now.scheduled_at = kNow - Milliseconds(300);
  EXPECT_EQ(PlanWaitingJob(now, Settings()).step, LinkStep::kConnect);
  now.cluster.pod->scheduled = false;
  EXPECT_EQ(PlanWaitingJob(now, Settings()).step, LinkStep::kNothing) << "it has no node";
}

TEST(PlanWaitingJob, AReadyOneIsAskedForASignOfLife) {
  WaitingJob now = Ready();
  const WaitingJobPlan resting = PlanWaitingJob(now, Settings());
  EXPECT_EQ(resting.step, LinkStep::kNothing);
  EXPECT_EQ(resting.again, seconds(3));
  now.channel.heard_at = now.heard_at = kNow - seconds(4);
  EXPECT_EQ(PlanWaitingJob(now, Settings()).step, LinkStep::kAsk);
}

TEST(PlanWaitingJob, OneThatIsSilentForHalfAMinuteIsLost) {
  EXPECT_FALSE(PlanWaitingJob(SilentFor(seconds(29)), Settings()).is_lost);
  EXPECT_TRUE(PlanWaitingJob(SilentFor(seconds(30)), Settings()).is_lost);
}

// What it says on its own may come before the answer.
TEST(PlanWaitingJob, OneThatStartedSlowlyIsNotLostForSayingThatItIsReady) {
  WaitingJob now = Ready();
  now.created_at = kNow - seconds(45);
  now.channel.heard_at.reset();
  now.heard_at.reset();
  now.was_ready = false;
  EXPECT_FALSE(PlanWaitingJob(now, Settings()).is_lost);
}

TEST(PlanWaitingJob, OneThatIsGoneOrGoingOrEndedIsLost) {
  const auto is_lost = [](const std::function<void(WaitingJob&)>& change) {
    WaitingJob now = Ready();
    change(now);
    return PlanWaitingJob(now, Settings()).is_lost;
  };
  EXPECT_FALSE(is_lost([](WaitingJob&) {}));
  EXPECT_TRUE(is_lost([](WaitingJob& now) { now.cluster.job.reset(); }));
  EXPECT_TRUE(is_lost([](WaitingJob& now) { now.cluster.pod.reset(); }));
  EXPECT_TRUE(is_lost([](WaitingJob& now) { now.cluster.pod->meta.deleting = true; }));
  EXPECT_TRUE(is_lost([](WaitingJob& now) { now.cluster.pod->phase = "Failed"; }));
  EXPECT_TRUE(is_lost([](WaitingJob& now) { now.cluster.job->meta.deleting = true; }));
  EXPECT_TRUE(is_lost([](WaitingJob& now) { now.cluster.job->has_failed = true; }));
  EXPECT_TRUE(is_lost([](WaitingJob& now) { now.channel.records.finished.emplace(); }));
  EXPECT_TRUE(is_lost([](WaitingJob& now) { now.channel.records.fault = "a lie"; }));
}

TEST(PlanWaitingJob, APodThatIsNotThereYetIsNoLoss) {
  WaitingJob now = Posted();
  now.cluster.job.emplace();
  now.was_seen = true;
  EXPECT_FALSE(PlanWaitingJob(now, Settings()).is_lost);
}

// ---- all of them

PoolSituation::Job Waiting(const std::string& name, std::size_t class_index = 0) {
  return {.name = name, .class_index = class_index, .created_at = kNow, .is_ready = true};
}
PoolSituation::Job Starting(const std::string& name, std::size_t class_index = 0) {
  return {.name = name, .class_index = class_index, .created_at = kNow, .is_ready = false};
}
PoolSituation Wanted(int small, int large = 0) {
  return {.time = kNow, .jobs = {}, .targets = {small, large}};
}

TEST(PlanPool, MakesWhatIsMissingOfEachClassAFewAtATime) {
  PoolSituation now = Wanted(1, 3);
  PoolPlan plan = PlanPool(now, Settings());
  EXPECT_THAT(plan.create, ElementsAre(0, 1));
  EXPECT_EQ(plan.starting, 2);
  EXPECT_EQ(plan.ready, 0);
  now.jobs = {Waiting("a"), Starting("b", 1)};
  plan = PlanPool(now, Settings());
  EXPECT_THAT(plan.create, ElementsAre(1));
  EXPECT_EQ(plan.starting, 2);
  EXPECT_EQ(plan.ready, 1);
}

TEST(PlanPool, MakesNothingThatIsForLater) {
  PoolSituation now = Wanted(1);
  now.may_create = false;
  EXPECT_THAT(PlanPool(now, Settings()).create, IsEmpty());
}

TEST(PlanPool, LeavesTheCpuToTheRunThatTookAJobUnlessTheNextWouldFindNone) {
  PoolSituation now = Wanted(2);
  now.jobs = {Waiting("a")};
  now.handed_at = kNow - Milliseconds(99);
  EXPECT_THAT(PlanPool(now, Settings()).create, IsEmpty());
  now.handed_at = kNow - Milliseconds(100);
  EXPECT_THAT(PlanPool(now, Settings()).create, SizeIs(1));
  now.handed_at = kNow;
  now.targets = {2, 1};
  EXPECT_THAT(PlanPool(now, Settings()).create, ElementsAre(1)) << "none of the other class waits";
  now.jobs.clear();
  EXPECT_THAT(PlanPool(now, Settings()).create, ElementsAre(0, 0));
}

TEST(PlanPool, StaysInsideItsMemoryWithWhatPodsTakeBeyondTheRuns) {
  PoolSettings settings = Settings();
  settings.max_starting = 10;
  settings.memory_budget_mib = 2 * (256 + 100);
  PoolSituation now = Wanted(3);
  now.memory_overhead_mib = 100;
  EXPECT_THAT(PlanPool(now, settings).create, SizeIs(2));
  now.jobs = {Waiting("a")};
  EXPECT_THAT(PlanPool(now, settings).create, SizeIs(1)) << "what is there counts";
  settings.memory_budget_mib -= 1;
  EXPECT_THAT(PlanPool(now, settings).create, IsEmpty());
}

TEST(PlanPool, RetiresTheOldestOfThoseThatAreTooMany) {
  PoolSituation now = Wanted(1);
  now.jobs = {Waiting("a"), Waiting("b"), Waiting("c")};
  const PoolPlan plan = PlanPool(now, Settings());
  EXPECT_THAT(plan.retire, ElementsAre("a", "b"));
  EXPECT_THAT(plan.create, IsEmpty());
  EXPECT_EQ(plan.ready, 1);
}

TEST(PlanPool, RetiresNoneThatStartsOrIsReserved) {
  PoolSituation now = Wanted(0);
  now.jobs = {Starting("a"), Waiting("b")};
  now.jobs[1].is_reserved = true;
  EXPECT_THAT(PlanPool(now, Settings()).retire, IsEmpty());
}

TEST(PlanPool, ReplacesWhatWaitedForTooLong) {
  PoolSituation now = Wanted(2);
  now.jobs = {Waiting("a"), Waiting("b")};
  now.jobs[0].created_at = kNow - minutes(30);
  now.jobs[1].created_at = kNow - minutes(29);
  const PoolPlan plan = PlanPool(now, Settings());
  EXPECT_THAT(plan.retire, ElementsAre("a"));
  EXPECT_THAT(plan.create, ElementsAre(0));
}

}  // namespace
}  // namespace oneshot::pool
