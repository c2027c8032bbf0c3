#include "controller/reconcile/classify.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "core/protocol/codec.h"

namespace oneshot::reconcile {
namespace {

using domain::Outcome;
using domain::RunStatus;
using protocol::Reason;
using store::Interruption;

template <std::size_t N>
bool IsOneOf(std::string_view word, const std::array<std::string_view, N>& words) {
  return std::ranges::find(words, word) != words.end();
}

RunStatus StatusOf(const protocol::Finished& finished) {
  switch (finished.reason) {
    case Reason::kExited:
      return finished.exit_code == 0 ? RunStatus::kSucceeded : RunStatus::kFailed;
    case Reason::kSignaled:
    case Reason::kProcessLimitExceeded:
      return RunStatus::kFailed;
    case Reason::kWallTimeExceeded:
    case Reason::kCpuTimeExceeded:
    case Reason::kStdinIdleExceeded:
      return RunStatus::kTimedOut;
    case Reason::kOutOfMemory:
      return RunStatus::kOutOfMemory;
    case Reason::kCancelled:
      return RunStatus::kCancelled;
    case Reason::kTerminated:
    case Reason::kRunnerError:
      return RunStatus::kError;
  }
  return RunStatus::kError;
}

domain::StreamBytes BytesOf(const protocol::StreamTotals& totals) {
  return {.produced = totals.produced_bytes, .dropped = totals.produced_bytes - totals.kept_bytes};
}

/// The pod never began this container, for a reason of the node or the cluster.
constexpr std::array<std::string_view, 9> kNodeRefusals{
    "NodeShutdown", "Shutdown",    "Terminated", "NodeAffinity", "UnexpectedAdmissionError",
    "OutOfcpu",     "OutOfmemory", "OutOfpods",  "Preempting"};

constexpr std::array<std::string_view, 3> kStartErrors{"StartError", "ContainerCannotRun",
                                                       "RunContainerError"};

/// The operator's mistakes, and registries that may come back.
constexpr std::array<std::string_view, 6> kImageErrors{"ErrImagePull",      "ImagePullBackOff",
                                                       "InvalidImageName",  "ErrImageNeverPull",
                                                       "ImageInspectError", "RegistryUnavailable"};

constexpr std::array<std::string_view, 4> kConfigErrors{"CreateContainerConfigError",
                                                        "CreateContainerError", "RunContainerError",
                                                        "PreCreateHookError"};

/// The kubelet evicts a pod for what it did itself (disk) without DisruptionTarget, because it
/// would do so again.
bool IsOwnDiskUse(const kube::Pod& pod) {
  return pod.reason == "Evicted" && pod.disruption_reason.empty() &&
         (pod.message.find("ephemeral") != std::string::npos ||
          pod.message.find("exceeds the limit") != std::string::npos);
}

}  // namespace

Verdict ClassifyFinished(const protocol::Finished& finished, bool cancel_requested) {
  if (finished.reason == Reason::kRunnerError) {
    return Interruption{.reason = "runner_error", .message = finished.message};
  }
  const bool was_stopped =
      finished.reason == Reason::kTerminated || finished.reason == Reason::kCancelled;
  if (was_stopped && !cancel_requested) {
    return Interruption{.reason = "pod_disrupted", .message = "the container was told to stop"};
  }
  // Whoever told it to stop: this controller deletes the Job of a run that is to be cancelled.
  return Outcome{
      .status = was_stopped ? domain::RunStatus::kCancelled : StatusOf(finished),
      .reason = std::string(ToString(was_stopped ? Reason::kCancelled : finished.reason)),
      .message = finished.message,
      .exit_code = finished.exit_code,
      .signal = finished.signal,
      .stdout_bytes = BytesOf(finished.stdout_totals),
      .stderr_bytes = BytesOf(finished.stderr_totals),
      .wall_ms = finished.wall_ms,
      .cpu_ms = finished.cpu_ms,
      .peak_memory_bytes = finished.peak_memory_bytes,
      .dropped_displays = finished.dropped_displays,
      .dropped_output_files = finished.dropped_output_files};
}

Verdict ClassifyPod(const kube::Pod& pod) {
  const kube::ContainerState& container = pod.container;
  if (!pod.disruption_reason.empty()) {
    return Interruption{.reason = "pod_disrupted", .message = pod.disruption_reason};
  }
  if (IsOwnDiskUse(pod)) {
    return Outcome{.status = RunStatus::kFailed,
                   .reason = "disk_limit",
                   .message = pod.message,
                   .output_incomplete = true};
  }
  if (pod.reason == "Evicted") return Interruption{.reason = "pod_evicted", .message = pod.message};
  if (pod.reason == "DeadlineExceeded") {
    return Interruption{.reason = "deadline_exceeded",
                        .message = "the pod's own deadline passed before the runner's"};
  }
  if (IsOneOf(pod.reason, kNodeRefusals)) {
    return Interruption{.reason = "node_refused", .message = pod.reason + ": " + pod.message};
  }
  if (container.kind == kube::ContainerState::Kind::kTerminated) {
    if (container.reason == "OOMKilled") {
      return Outcome{.status = RunStatus::kOutOfMemory,
                     .reason = "out_of_memory",
                     .message = "",
                     .output_incomplete = true};
    }
    if (IsOneOf(container.reason, kStartErrors)) {
      return Interruption{.reason = "container_start_failed", .message = container.message};
    }
    if (container.reason == "ContainerStatusUnknown") {
      return Interruption{.reason = "pod_lost", .message = container.message};
    }
    if (container.exit_code == 137) {
      return Interruption{.reason = "killed",
                          .message = "the container was killed, and not by its limits"};
    }
    return Interruption{.reason = "runner_ended",
                        .message = "the runner ended with code " +
                                   std::to_string(container.exit_code) + " without an end record"};
  }
  return Interruption{.reason = "pod_lost", .message = pod.reason.empty() ? pod.phase : pod.reason};
}

std::optional<Interruption> ClassifyWaiting(const std::optional<kube::Pod>& pod,
                                            bool patience_over) {
  if (!pod) {
    if (!patience_over) return std::nullopt;
    return Interruption{
        .reason = "pod_not_created",
        .message = "the Job's pod did not appear; quota or admission may refuse it"};
  }
  const kube::ContainerState& container = pod->container;
  if (container.kind == kube::ContainerState::Kind::kWaiting) {
    // A name that cannot be right will not become right by waiting.
    const bool hopeless =
        container.reason == "InvalidImageName" || container.reason == "ErrImageNeverPull";
    if (IsOneOf(container.reason, kImageErrors) && (hopeless || patience_over)) {
      return Interruption{.reason = "image_unavailable",
                          .message = container.reason + ": " + container.message};
    }
    if (IsOneOf(container.reason, kConfigErrors) && patience_over) {
      return Interruption{.reason = "container_start_failed",
                          .message = container.reason + ": " + container.message};
    }
  }
  if (!patience_over) return std::nullopt;
  if (!pod->scheduled) {
    return Interruption{.reason = "unschedulable",
                        .message = pod->unschedulable_message.empty() ? "no node was chosen"
                                                                      : pod->unschedulable_message};
  }
  return Interruption{.reason = "start_timeout", .message = "the container did not start in time"};
}

}  // namespace oneshot::reconcile
