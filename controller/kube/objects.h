#pragma once

#include <map>
#include <string>

namespace oneshot::kube {

/// Only the fields that we read, as plain values. Times are RFC 3339 text as the API server gave
/// them. Source: Kubernetes API v1 (core) and batch/v1.
struct ObjectMeta {
  std::string name;
  std::string uid;
  /// metadata.deletionTimestamp is set.
  bool deleting{false};

  bool operator==(const ObjectMeta&) const = default;
};

struct Job {
  ObjectMeta meta;
  std::map<std::string, std::string> labels;
  /// Condition Complete or SuccessCriteriaMet.
  bool complete{false};
  /// Condition Failed or FailureTarget.
  bool has_failed{false};
  /// Of that condition, for example DeadlineExceeded.
  std::string condition_reason;
  /// When it became true; empty before.
  std::string ended_at;
};

/// status.containerStatuses[0].state; a run's pod has one container.
struct ContainerState {
  enum class Kind { kNone, kWaiting, kRunning, kTerminated };
  Kind kind{Kind::kNone};
  /// ErrImagePull, OOMKilled, Completed, ...
  std::string reason;
  /// Of the waiting or terminated state; for terminated it is the termination message.
  std::string message;
  /// Terminated only.
  int exit_code{0};
  std::string image_id;

  bool operator==(const ContainerState&) const = default;
};

/// Two pods are equal when they differ in nothing that the controller looks at.
struct Pod {
  ObjectMeta meta;
  /// Label batch.kubernetes.io/job-name.
  std::string job_name;
  std::string node_name;
  /// Pending, Running, Succeeded, Failed, Unknown.
  std::string phase;
  /// Evicted, DeadlineExceeded, NodeShutdown, OutOfcpu, ...
  std::string reason;
  std::string message;
  /// Condition PodScheduled is True.
  bool scheduled{false};
  /// Of condition PodScheduled that is False with reason Unschedulable.
  std::string unschedulable_message;
  /// Of condition DisruptionTarget that is True.
  std::string disruption_reason;
  ContainerState container;

  bool operator==(const Pod&) const = default;
};

/// The Job will start no more pods.
inline bool HasEnded(const Job& job) { return job.complete || job.has_failed; }

/// The pod's container has ended for good.
inline bool HasEnded(const Pod& pod) {
  return pod.phase == "Succeeded" || pod.phase == "Failed" ||
         pod.container.kind == ContainerState::Kind::kTerminated;
}

/// An Event of events.k8s.io/v1 about a Job.
struct EventNote {
  std::string job_name;
  std::string job_uid;
  /// CamelCase, from a fixed set.
  std::string reason;
  /// For people, at most 1024 bytes, never program output.
  std::string note;
  bool warning{false};
};

/// coordination.k8s.io/v1 Lease, spec fields.
struct Lease {
  std::string resource_version;
  /// Empty: released.
  std::string holder;
  int duration_seconds{0};
  /// RFC 3339 with microseconds.
  std::string acquire_time;
  std::string renew_time;
  int transitions{0};
};

}  // namespace oneshot::kube
