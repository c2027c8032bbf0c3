// Every row of the table "the program's doing, or the infrastructure's?"
#include "controller/reconcile/classify.h"

#include <gtest/gtest.h>

namespace oneshot::reconcile {
namespace {

using domain::Outcome;
using domain::RunStatus;
using kube::ContainerState;
using protocol::Reason;
using store::Interruption;

kube::Pod Terminated(const std::string& reason, int exit_code) {
  kube::Pod pod;
  pod.phase = "Failed";
  pod.scheduled = true;
  pod.container.kind = ContainerState::Kind::kTerminated;
  pod.container.reason = reason;
  pod.container.exit_code = exit_code;
  return pod;
}

kube::Pod Failed(const std::string& reason, const std::string& message = "") {
  kube::Pod pod;
  pod.phase = "Failed";
  pod.reason = reason;
  pod.message = message;
  return pod;
}

std::string InterruptionReason(const Verdict& verdict) {
  const auto* interruption = std::get_if<Interruption>(&verdict);
  return interruption == nullptr ? "an outcome: " + std::get<Outcome>(verdict).reason
                                 : interruption->reason;
}

protocol::Finished Finished(Reason reason, std::optional<int> exit_code = {},
                            std::optional<int> signal = {}) {
  protocol::Finished finished;
  finished.reason = reason;
  finished.exit_code = exit_code;
  finished.signal = signal;
  finished.stdout_totals = {.produced_bytes = 100, .kept_bytes = 60};
  return finished;
}

RunStatus StatusOf(const protocol::Finished& finished, bool cancel_requested = false) {
  return std::get<Outcome>(ClassifyFinished(finished, cancel_requested)).status;
}

TEST(ClassifyFinished, TheRunnersWordDecides) {
  EXPECT_EQ(StatusOf(Finished(Reason::kExited, 0)), RunStatus::kSucceeded);
  EXPECT_EQ(StatusOf(Finished(Reason::kExited, 3)), RunStatus::kFailed);
  EXPECT_EQ(StatusOf(Finished(Reason::kSignaled, {}, 11)), RunStatus::kFailed);
  EXPECT_EQ(StatusOf(Finished(Reason::kProcessLimitExceeded, {}, 9)), RunStatus::kFailed);
  EXPECT_EQ(StatusOf(Finished(Reason::kWallTimeExceeded, {}, 9)), RunStatus::kTimedOut);
  EXPECT_EQ(StatusOf(Finished(Reason::kCpuTimeExceeded, {}, 9)), RunStatus::kTimedOut);
  EXPECT_EQ(StatusOf(Finished(Reason::kOutOfMemory, {}, 9)), RunStatus::kOutOfMemory);
  EXPECT_EQ(StatusOf(Finished(Reason::kCancelled, {}, 9), /*cancel_requested=*/true),
            RunStatus::kCancelled);
}

TEST(ClassifyFinished, AStopThatNobodyAskedForIsTheClustersDoing) {
  EXPECT_EQ(InterruptionReason(ClassifyFinished(Finished(Reason::kCancelled, {}, 9), false)),
            "pod_disrupted");
  EXPECT_EQ(InterruptionReason(ClassifyFinished(Finished(Reason::kTerminated), false)),
            "pod_disrupted");
  EXPECT_EQ(InterruptionReason(ClassifyFinished(Finished(Reason::kRunnerError), false)),
            "runner_error");
}

// Chaos, seed 18: the run told an interruption that its own cancellation had caused.
TEST(ClassifyFinished, AStopOfARunThatIsToBeCancelledIsTheCancellation) {
  const auto outcome =
      std::get<Outcome>(ClassifyFinished(Finished(Reason::kTerminated, {}, 9), true));
  EXPECT_EQ(outcome.status, RunStatus::kCancelled);
  EXPECT_EQ(outcome.reason, "cancelled");
}

TEST(ClassifyFinished, CarriesItsNumbers) {
  const auto outcome = std::get<Outcome>(ClassifyFinished(Finished(Reason::kExited, 0), false));
  EXPECT_EQ(outcome.reason, "exited");
  EXPECT_EQ(outcome.stdout_bytes, (domain::StreamBytes{.produced = 100, .dropped = 40}));
}

TEST(ClassifyPod, OutOfMemoryIsTheProgramsDoing) {
  const auto verdict = ClassifyPod(Terminated("OOMKilled", 137));
  EXPECT_EQ(std::get<Outcome>(verdict).status, RunStatus::kOutOfMemory);
}

TEST(ClassifyPod, OutOfMemoryOfADisruptedPodIsNot) {
  auto pod = Terminated("OOMKilled", 137);
  pod.disruption_reason = "TerminationByKubelet";
  EXPECT_EQ(InterruptionReason(ClassifyPod(pod)), "pod_disrupted");
}

TEST(ClassifyPod, EveryDisruptionIsInfrastructure) {
  for (const char* reason : {"PreemptionByScheduler", "DeletionByTaintManager",
                             "EvictionByEvictionAPI", "DeletionByPodGC", "TerminationByKubelet"}) {
    auto pod = Terminated("Error", 143);
    pod.disruption_reason = reason;
    EXPECT_EQ(InterruptionReason(ClassifyPod(pod)), "pod_disrupted") << reason;
  }
}

TEST(ClassifyPod, AnUnknownKillIsTriedAgain) {
  EXPECT_EQ(InterruptionReason(ClassifyPod(Terminated("Error", 137))), "killed");
}

TEST(ClassifyPod, EvictionForItsOwnDiskUseIsTheProgramsDoing) {
  const auto verdict =
      ClassifyPod(Failed("Evicted", "Pod ephemeral local storage usage exceeds the total limit"));
  EXPECT_EQ(std::get<Outcome>(verdict).reason, "disk_limit");
}

TEST(ClassifyPod, EvictionForTheNodesConditionIsNot) {
  EXPECT_EQ(InterruptionReason(
                ClassifyPod(Failed("Evicted", "The node had condition: [MemoryPressure]"))),
            "pod_evicted");
  auto pod = Failed("Evicted", "Container exceeded its ephemeral storage");
  pod.disruption_reason = "TerminationByKubelet";
  EXPECT_EQ(InterruptionReason(ClassifyPod(pod)), "pod_disrupted");
}

TEST(ClassifyPod, NodesThatRefuseNeverRanTheProgram) {
  for (const char* reason :
       {"NodeShutdown", "Shutdown", "Terminated", "NodeAffinity", "UnexpectedAdmissionError",
        "OutOfcpu", "OutOfmemory", "OutOfpods", "Preempting"}) {
    EXPECT_EQ(InterruptionReason(ClassifyPod(Failed(reason))), "node_refused") << reason;
  }
}

TEST(ClassifyPod, ContainersThatCannotStartAreInfrastructure) {
  for (const char* reason : {"StartError", "ContainerCannotRun", "RunContainerError"}) {
    EXPECT_EQ(InterruptionReason(ClassifyPod(Terminated(reason, 128))), "container_start_failed")
        << reason;
  }
}

TEST(ClassifyPod, AnUnknownStatusMeansLost) {
  EXPECT_EQ(InterruptionReason(ClassifyPod(Terminated("ContainerStatusUnknown", 137))), "pod_lost");
  EXPECT_EQ(InterruptionReason(ClassifyPod(Failed(""))), "pod_lost");
}

TEST(ClassifyPod, TheBackstopDeadlineIsNotTheProgramsTimeLimit) {
  EXPECT_EQ(InterruptionReason(ClassifyPod(Failed("DeadlineExceeded"))), "deadline_exceeded");
}

TEST(ClassifyPod, ARunnerThatEndsWithoutAWordFailed) {
  EXPECT_EQ(InterruptionReason(ClassifyPod(Terminated("Completed", 0))), "runner_ended");
}

kube::Pod Waiting(const std::string& reason) {
  kube::Pod pod;
  pod.phase = "Pending";
  pod.scheduled = true;
  pod.container.kind = ContainerState::Kind::kWaiting;
  pod.container.reason = reason;
  return pod;
}

std::string WaitingReason(const std::optional<kube::Pod>& pod, bool patience_over) {
  const auto interruption = ClassifyWaiting(pod, patience_over);
  return interruption ? interruption->reason : "";
}

TEST(ClassifyWaiting, ImagesThatCannotBeRightAreNotWaitedFor) {
  EXPECT_EQ(WaitingReason(Waiting("InvalidImageName"), false), "image_unavailable");
  EXPECT_EQ(WaitingReason(Waiting("ErrImageNeverPull"), false), "image_unavailable");
}

TEST(ClassifyWaiting, RegistriesMayComeBack) {
  for (const char* reason :
       {"ErrImagePull", "ImagePullBackOff", "ImageInspectError", "RegistryUnavailable"}) {
    EXPECT_EQ(WaitingReason(Waiting(reason), false), "") << reason;
    EXPECT_EQ(WaitingReason(Waiting(reason), true), "image_unavailable") << reason;
  }
}

TEST(ClassifyWaiting, AContainerThatCannotBeMadeIsTriedUntilPatienceIsOver) {
  for (const char* reason : {"CreateContainerConfigError", "CreateContainerError",
                             "RunContainerError", "PreCreateHookError"}) {
    EXPECT_EQ(WaitingReason(Waiting(reason), false), "") << reason;
    EXPECT_EQ(WaitingReason(Waiting(reason), true), "container_start_failed") << reason;
  }
}

TEST(ClassifyWaiting, TellsTheUserInTheClustersWords) {
  kube::Pod pod = Waiting("ImagePullBackOff");
  pod.container.message = "no such image";
  EXPECT_EQ(ClassifyWaiting(pod, true)->message, "ImagePullBackOff: no such image");
  pod.container = {};
  pod.scheduled = false;
  EXPECT_EQ(ClassifyWaiting(pod, true)->message, "no node was chosen");
  pod.unschedulable_message = "0/1 nodes are available";
  EXPECT_EQ(ClassifyWaiting(pod, true)->message, "0/1 nodes are available");
}

TEST(ClassifyWaiting, TellsWhatKeptItFromStarting) {
  EXPECT_EQ(WaitingReason(std::nullopt, false), "");
  EXPECT_EQ(WaitingReason(std::nullopt, true), "pod_not_created");
  kube::Pod unscheduled;
  unscheduled.unschedulable_message = "0/1 nodes are available";
  EXPECT_EQ(WaitingReason(unscheduled, false), "");
  EXPECT_EQ(WaitingReason(unscheduled, true), "unschedulable");
  EXPECT_EQ(WaitingReason(Waiting("ContainerCreating"), true), "start_timeout");
  EXPECT_EQ(WaitingReason(Waiting("CreateContainerConfigError"), true), "container_start_failed");
}

}  // namespace
}  // namespace oneshot::reconcile
