// The controller in conversation: real HTTP, WebSockets and threads; what goes wrong is put into
// the API server by hand.
#include "controller/leader_term.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "core/domain/run_id.h"
#include "tests/component/controller/controller_under_test.h"
#include "tests/support/wait_until.h"

namespace oneshot::test {
namespace {

using domain::RunStatus;

class LeaderTermTest : public testing::Test {
 protected:
  std::string Submit(const std::string& source, std::int64_t memory_mib = 256) {
    now_ += std::chrono::milliseconds(1);
    const std::string id = domain::NewRunId(now_, base::SystemRandom());
    domain::RunSpec spec{.source = source};
    spec.limits.memory_mib = memory_mib;
    EXPECT_TRUE(store_.Submit({.id = id, .spec = spec, .submitter = {}}));
    return id;
  }
  bool Becomes(const std::string& id, RunStatus status) {
    return WaitUntil([&] { return store_.Get(id)->status == status; },
                     "run " + id + " becoming " + std::string(ToString(status)));
  }
  std::string OutputOf(const std::string& id) {
    const auto look = store_.Look(id, {}, 1 << 20);
    std::string text;
    for (const auto& record : look->output) {
      for (const auto& piece : record.pieces) text += piece.data;
    }
    return text;
  }
  std::string PodOf(const std::string& job) {
    for (const std::string& pod : server_.Names("pods")) {
      if (pod.starts_with(job)) return pod;
    }
    return "";
  }
  /// Waits for the labels by which kubectl finds the Job or pod of a run.
  bool IsMarked(const std::string& kind, const std::string& name, const std::string& run_id,
                const std::string& state) {
    const auto holds = [&] {
      const auto object = server_.Object(kind, name);
      if (!object) return false;
      const auto labels = object->at("metadata").value("labels", nlohmann::json::object());
      return labels.value("oneshot.dev/run-id", "") == run_id &&
             labels.value("oneshot.dev/attempt", "") == "1" &&
             labels.value("oneshot.dev/state", "") == state;
    };
    return WaitUntil(holds, kind + " " + name + " carrying " + run_id + ", " + state);
  }
  /// Waits until the run's program has begun and returns its pod.
  std::string RunningPodOf(const std::string& id) {
    EXPECT_TRUE(Becomes(id, RunStatus::kRunning));
    return PodOf(store_.Get(id)->job->name);
  }

  base::WallTime now_ = std::chrono::system_clock::now();
  base::SystemClock clock_;
  MemoryRunStore store_{clock_};
  AutonomousApiServer server_{PlayRunners()};
};

TEST_F(LeaderTermTest, AColdRunEndsWithItsOutputInAJobOfItsOwn) {
  ControllerUnderTest controller(server_, store_);
  controller.Lead();
  const std::string id = Submit("print hello");
  controller.Wake();
  ASSERT_TRUE(Becomes(id, RunStatus::kSucceeded));
  EXPECT_EQ(OutputOf(id), "hello!");
  const auto run = store_.Get(id);
  EXPECT_EQ(run->outcome->exit_code, 0);
  EXPECT_FALSE(run->outcome->output_incomplete);
  EXPECT_EQ(run->job->name, "run-" + id + "-1");
  EXPECT_EQ(run->job->pod, PodOf(run->job->name));
  EXPECT_TRUE(IsMarked("jobs", run->job->name, id, "succeeded"));
  EXPECT_TRUE(IsMarked("pods", run->job->pod, id, "succeeded"));
}

TEST_F(LeaderTermTest, AProgramsFailureIsNotTriedAgain) {
  ControllerUnderTest controller(server_, store_);
  controller.Lead();
  const std::string id = Submit("exit 3");
  ASSERT_TRUE(Becomes(id, RunStatus::kFailed));
  EXPECT_EQ(store_.Get(id)->outcome->exit_code, 3);
  EXPECT_EQ(store_.Get(id)->attempt, 1);
}

TEST_F(LeaderTermTest, AWarmRunTakesAWaitingJobAndThePoolIsRefilled) {
  ControllerUnderTest controller(server_, store_, /*warm_jobs=*/2);
  controller.Lead();
  ASSERT_TRUE(WaitUntil([&] { return controller.HasReadyJobs(2); }, "two Jobs that wait"));
  const std::string id = Submit("print warm");
  controller.Wake();
  ASSERT_TRUE(Becomes(id, RunStatus::kSucceeded));
  EXPECT_EQ(OutputOf(id), "warm!");
  EXPECT_TRUE(store_.Get(id)->job->name.starts_with("warm-")) << store_.Get(id)->job->name;
  EXPECT_TRUE(WaitUntil([&] { return server_.Names("jobs").size() == 3; }, "a third Job"));
}

TEST_F(LeaderTermTest, AWarmRunsPodSaysWhoseItIsAndWhatBecomesOfIt) {
  ControllerUnderTest controller(server_, store_, /*warm_jobs=*/1);
  controller.Lead();
  ASSERT_TRUE(WaitUntil([&] { return controller.HasReadyJobs(1); }, "a Job that waits"));
  const std::string id = Submit("hang");
  controller.Wake();
  const std::string pod = RunningPodOf(id);
  ASSERT_TRUE(pod.starts_with("warm-")) << pod;
  EXPECT_TRUE(IsMarked("pods", pod, id, "running"));
  ASSERT_TRUE(store_.RequestCancel(id));
  controller.Wake();
  EXPECT_TRUE(IsMarked("pods", pod, id, "cancelled"));
}

TEST_F(LeaderTermTest, ANewControllerMarksThePodsThatTheFormerDidNotComeTo) {
  ControllerUnderTest first(server_, store_, /*warm_jobs=*/1);
  first.Lead();
  ASSERT_TRUE(WaitUntil([&] { return first.HasReadyJobs(1); }, "a Job that waits"));
  server_.Refuse("PATCH", "/pods", 500, 1000);
  const std::string id = Submit("hang");
  first.Wake();
  const std::string pod = RunningPodOf(id);
  first.Crash();
  server_.EndTroubles();
  ControllerUnderTest second(server_, store_);
  second.Lead();
  EXPECT_TRUE(IsMarked("pods", pod, id, "running"));
}

TEST_F(LeaderTermTest, ThePoolIsNotRefilledWhileRunsStartInJobsOfTheirOwn) {
  ControllerUnderTest controller(server_, store_, /*warm_jobs=*/1);
  controller.options().max_cold_runs = 2;
  controller.Lead();
  ASSERT_TRUE(WaitUntil([&] { return controller.HasReadyJobs(1); }, "a Job that waits"));
  server_.HoldPods();
  const std::string large = Submit("print large", 1024);
  controller.Wake();
  ASSERT_TRUE(Becomes(large, RunStatus::kStarting));
  const std::string small = Submit("print small");
  controller.Wake();
  ASSERT_TRUE(Becomes(small, RunStatus::kSucceeded));
  // The same look at the pool that counts no ready Job would have made another one.
  ASSERT_TRUE(WaitUntil([&] { return controller.HasReadyJobs(0); }, "the pool being empty"));
  EXPECT_TRUE(controller.HasStartingJobs(0));
  server_.StartPods();
  ASSERT_TRUE(Becomes(large, RunStatus::kSucceeded));
  EXPECT_TRUE(WaitUntil([&] { return controller.HasReadyJobs(1); }, "the pool being refilled"));
}

TEST_F(LeaderTermTest, ARunTooLargeForThePoolGetsAJobOfItsOwn) {
  ControllerUnderTest controller(server_, store_, /*warm_jobs=*/1);
  controller.Lead();
  ASSERT_TRUE(WaitUntil([&] { return controller.HasReadyJobs(1); }, "a Job that waits"));
  const std::string id = Submit("print large", 1024);
  ASSERT_TRUE(Becomes(id, RunStatus::kSucceeded));
  EXPECT_EQ(store_.Get(id)->job->name, "run-" + id + "-1");
}

TEST_F(LeaderTermTest, FiftyAtOnceAllEndEachInItsOwnPod) {
  ControllerUnderTest controller(server_, store_, /*warm_jobs=*/5);
  controller.Lead();
  std::vector<std::string> ids;
  for (int i = 0; i < 50; ++i) ids.push_back(Submit("print " + std::to_string(i)));
  controller.Wake();
  std::set<std::string> pods;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    ASSERT_TRUE(Becomes(ids[i], RunStatus::kSucceeded));
    EXPECT_EQ(OutputOf(ids[i]), std::to_string(i) + "!");
    pods.insert(store_.Get(ids[i])->job->pod);
  }
  EXPECT_EQ(pods.size(), ids.size());
}

TEST_F(LeaderTermTest, OnlyTheNewestFinishedJobsAreKept) {
  ControllerUnderTest controller(server_, store_);
  controller.options().max_finished_jobs = 3;
  controller.Lead();
  std::vector<std::string> ids;
  for (int i = 0; i < 8; ++i) {
    ids.push_back(Submit("print " + std::to_string(i)));
    controller.Wake();
    ASSERT_TRUE(Becomes(ids.back(), RunStatus::kSucceeded));
  }
  const std::string hanging = Submit("hang");
  ASSERT_TRUE(Becomes(hanging, RunStatus::kRunning));
  std::vector<std::string> kept;
  for (const std::string& id : {ids[5], ids[6], ids[7], hanging})
    kept.push_back("run-" + id + "-1");
  EXPECT_TRUE(WaitUntil([&] { return server_.Names("jobs") == kept; }, "the newest Jobs alone"));
}

TEST_F(LeaderTermTest, ANewControllerGoesOnWithARunInTheMiddle) {
  ControllerUnderTest first(server_, store_);
  first.Lead();
  const std::string id = Submit("hang");
  const std::string pod = RunningPodOf(id);
  first.Crash();
  ControllerUnderTest second(server_, store_);
  second.Lead();
  ASSERT_TRUE(
      WaitUntil([&] { return server_.AttachCount() == 1; }, "the second controller's attach"));
  ASSERT_TRUE(store_.RequestCancel(id));
  second.Wake();
  ASSERT_TRUE(Becomes(id, RunStatus::kCancelled));
  EXPECT_EQ(OutputOf(id), "hanging");
  EXPECT_EQ(store_.Get(id)->attempt, 1);
  EXPECT_EQ(store_.Get(id)->job->pod, pod);
}

TEST_F(LeaderTermTest, ANewControllerTakesOverWaitingJobsOnceEach) {
  {
    ControllerUnderTest first(server_, store_, /*warm_jobs=*/2);
    first.Lead();
    ASSERT_TRUE(WaitUntil([&] { return first.HasReadyJobs(2); }, "two Jobs that wait"));
  }
  ControllerUnderTest second(server_, store_, /*warm_jobs=*/2);
  second.Lead();
  ASSERT_TRUE(
      WaitUntil([&] { return server_.AttachCount() == 2; }, "the same two, attached again"));
  EXPECT_EQ(server_.Names("jobs").size(), 2U);
  const std::string id = Submit("print again");
  ASSERT_TRUE(Becomes(id, RunStatus::kSucceeded));
}

TEST_F(LeaderTermTest, TheOlderOfTwoLeadersStops) {
  ControllerUnderTest first(server_, store_);
  first.Lead();
  const std::string id = Submit("hang");
  RunningPodOf(id);
  ControllerUnderTest second(server_, store_);
  second.Lead();
  ASSERT_TRUE(store_.RequestCancel(id));
  second.Wake();
  ASSERT_TRUE(Becomes(id, RunStatus::kCancelled));
  EXPECT_TRUE(WaitUntil([&] { return first.IsOver(); }, "the first leader noticing"));
}

TEST_F(LeaderTermTest, ACutAttachIsOpenedAgainAndTheRunnerRepeatsWhatWasLost) {
  ControllerUnderTest controller(server_, store_);
  controller.Lead();
  const std::string id = Submit("slow  text");
  RunningPodOf(id);
  server_.CutAttaches();
  ASSERT_TRUE(Becomes(id, RunStatus::kSucceeded));
  EXPECT_EQ(OutputOf(id), "text!");
  EXPECT_FALSE(store_.Get(id)->outcome->output_incomplete);
}

TEST_F(LeaderTermTest, AJobWhoseCreationWasNotAnsweredIsFoundNotMadeTwice) {
  server_.LoseAnswers("POST", "/jobs");
  ControllerUnderTest controller(server_, store_);
  controller.Lead();
  const std::string id = Submit("print once");
  ASSERT_TRUE(Becomes(id, RunStatus::kSucceeded));
  EXPECT_EQ(server_.Names("jobs").size(), 1U);
  EXPECT_EQ(OutputOf(id), "once!");
}

TEST_F(LeaderTermTest, RefusedCallsAreTriedAgain) {
  server_.Refuse("POST", "/jobs", 500, 2);
  ControllerUnderTest controller(server_, store_);
  controller.Lead();
  const std::string id = Submit("print patience");
  ASSERT_TRUE(Becomes(id, RunStatus::kSucceeded));
  EXPECT_EQ(store_.Get(id)->attempt, 1);
}

TEST_F(LeaderTermTest, ALostPodsRunIsTriedAgainInANewJob) {
  ControllerUnderTest controller(server_, store_);
  controller.Lead();
  const std::string id = Submit("hang");
  server_.RemovePod(RunningPodOf(id));
  ASSERT_TRUE(WaitUntil([&] { return store_.Get(id)->attempt == 2; }, "a second attempt"));
  EXPECT_EQ(store_.Get(id)->job->name, "run-" + id + "-2");
  ASSERT_TRUE(Becomes(id, RunStatus::kRunning));
  ASSERT_TRUE(
      WaitUntil([&] { return OutputOf(id) == "hanging"; }, "the second attempt's output alone"));
}

TEST_F(LeaderTermTest, ADisruptedRunEndsInErrorAfterItsLastAttempt) {
  ControllerUnderTest controller(server_, store_);
  controller.options().reconcile.max_attempts = 2;
  controller.Lead();
  const std::string id = Submit("hang");
  for (int attempt = 1; attempt <= 2; ++attempt) {
    ASSERT_TRUE(WaitUntil([&] { return store_.Get(id)->attempt == attempt; }, "the next attempt"));
    server_.RemovePod(RunningPodOf(id));
  }
  ASSERT_TRUE(Becomes(id, RunStatus::kError));
  EXPECT_EQ(store_.Get(id)->outcome->reason, "pod_lost");
}

TEST_F(LeaderTermTest, OutOfMemoryToldByThePodAloneEndsTheRun) {
  ControllerUnderTest controller(server_, store_);
  controller.Lead();
  const std::string id = Submit("hang");
  const std::string pod = RunningPodOf(id);
  server_.SetPodStatus(
      pod, nlohmann::json::parse(R"({"phase": "Failed", "containerStatuses": [{"name": "python",
      "state": {"terminated": {"exitCode": 137, "reason": "OOMKilled"}}}]})"));
  ASSERT_TRUE(Becomes(id, RunStatus::kOutOfMemory));
  EXPECT_EQ(OutputOf(id), "hanging");
}

TEST_F(LeaderTermTest, CancelWhileItsPodIsHeldDeletesTheJob) {
  server_.HoldPods();
  ControllerUnderTest controller(server_, store_);
  controller.Lead();
  const std::string id = Submit("print never");
  ASSERT_TRUE(WaitUntil([&] { return server_.Names("jobs").size() == 1; }, "the Job"));
  ASSERT_TRUE(store_.RequestCancel(id));
  controller.Wake();
  ASSERT_TRUE(Becomes(id, RunStatus::kCancelled));
  EXPECT_TRUE(WaitUntil([&] { return server_.Names("jobs").empty(); }, "the Job being gone"));
}

TEST_F(LeaderTermTest, CutAndExpiredWatchesLoseNothing) {
  ControllerUnderTest controller(server_, store_);
  controller.Lead();
  server_.CutWatches();
  const std::string first = Submit("print one");
  ASSERT_TRUE(Becomes(first, RunStatus::kSucceeded));
  server_.ExpireWatches();
  const std::string second = Submit("print two");
  ASSERT_TRUE(Becomes(second, RunStatus::kSucceeded));
}

TEST_F(LeaderTermTest, AnEndThatTheDatabaseDidNotTakeIsStoredWhenItIsBack) {
  ControllerUnderTest controller(server_, store_);
  controller.Lead();
  const std::string id = Submit("slow  late");
  const std::string pod = RunningPodOf(id);
  store_.SetUnavailable(true);
  ASSERT_TRUE(
      WaitUntil([&] { return server_.LogOf(pod).find("\"finished\"") != std::string::npos; },
                "the program's end"));
  store_.SetUnavailable(false);
  ASSERT_TRUE(Becomes(id, RunStatus::kSucceeded));
  EXPECT_EQ(OutputOf(id), "late!");
  EXPECT_FALSE(store_.Get(id)->outcome->output_incomplete);
}

}  // namespace
}  // namespace oneshot::test
