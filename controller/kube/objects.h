#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace oneshot::kube {

/// Only the fields that we read, as plain values. Times are RFC 3339 text as the API server gave
/// them. Source: Kubernetes API v1 (core) and batch/v1.
struct ObjectMeta {
  std::string name;
  std::string uid;
  std::string resource_version;
  std::map<std::string, std::string> labels;
  std::string creation_timestamp;
  bool deleting{false};  // metadata.deletionTimestamp is set
};

struct Job {
  ObjectMeta meta;
  int active{0};
  int succeeded{0};
  int failed{0};
  bool complete{false};          // condition Complete or SuccessCriteriaMet
  bool has_failed{false};        // condition Failed or FailureTarget
  std::string condition_reason;  // of that condition, for example DeadlineExceeded
  std::string condition_message;
};

/// status.containerStatuses[0].state; a run's pod has one container.
struct ContainerState {
  enum class Kind { kNone, kWaiting, kRunning, kTerminated };
  Kind kind{Kind::kNone};
  std::string reason;  // ErrImagePull, OOMKilled, Completed, ...
  std::string
      message;       // of the waiting or terminated state; for terminated the termination message
  int exit_code{0};  // terminated only
  int signal{0};     // terminated only, 0 when none is told
  std::string started_at;
  std::string finished_at;
  std::string image;
  std::string image_id;
};

struct Pod {
  ObjectMeta meta;
  std::string job_name;  // label batch.kubernetes.io/job-name
  std::string node_name;
  std::string phase;   // Pending, Running, Succeeded, Failed, Unknown
  std::string reason;  // Evicted, DeadlineExceeded, NodeShutdown, OutOfcpu, ...
  std::string message;
  bool scheduled{false};              // condition PodScheduled is True
  std::string unschedulable_message;  // condition PodScheduled is False with reason Unschedulable
  std::string disruption_reason;      // condition DisruptionTarget is True: its reason
  ContainerState container;
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
  std::string reason;  // CamelCase, from a fixed set
  std::string note;    // for people, at most 1024 bytes, never program output
  bool warning{false};
};

/// coordination.k8s.io/v1 Lease, spec fields.
struct Lease {
  std::string resource_version;
  std::string holder;  // empty: released
  int duration_seconds{0};
  std::string acquire_time;  // RFC 3339 with microseconds
  std::string renew_time;
  int transitions{0};
};

}  // namespace oneshot::kube
