#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "controller/kube/objects.h"
#include "core/base/result.h"

namespace oneshot::kube {

/// What the controller needs from the API server besides watch and attach. `k8s/base/rbac.yaml`
/// grants what the three need and nothing more.
///
/// Errors of every call: kUnavailable (429, 5xx, no connection; retry_after_seconds when told),
/// kPermissionDenied (403, or 401 again after the token was read anew), kUnknownOutcome (a write
/// was sent and no answer came), kInternal (unreadable answer). Threads: all methods may run
/// concurrently. Every call ends within its own deadline (30 s) and when `stop` is requested.
class Client {
 public:
  virtual ~Client() = default;

  /// Creates a Job in the runs namespace from `manifest`, a JSON object.
  /// Errors: kAlreadyExists (409) - read it and see whose it is; kInvalidArgument (400, 422) - the
  /// template is wrong; kPermissionDenied (403) - quota or admission refused it, the message says
  /// which.
  virtual base::Result<Job> CreateJob(const std::string& manifest) = 0;

  /// What the API server has now, which may be newer than what the watches have told: for decisions
  /// that must not rest on a stale view. Errors: kNotFound.
  virtual base::Result<Job> GetJob(const std::string& name) = 0;
  virtual base::Result<Pod> GetPod(const std::string& name) = 0;

  /// JSON merge patch (RFC 7396) of a Job. Errors: kNotFound, kInvalidArgument.
  virtual base::Result<Job> PatchJob(const std::string& name, const std::string& merge_patch) = 0;

  /// The same of a pod, of which the cluster lets the controller change labels and annotations only
  /// (k8s/base/runs-admission.yaml). Errors: kNotFound, kInvalidArgument.
  virtual base::Status PatchPod(const std::string& name, const std::string& merge_patch) = 0;

  /// Deletes a Job and, in the background, its pod (a REST delete orphans it otherwise,
  /// kubernetes/kubernetes#20902). `uid` empty: whichever has the name. Absent already is success.
  /// Errors: kConflict - another uid has that name.
  virtual base::Status DeleteJob(const std::string& name, const std::string& uid) = 0;

  /// The container's log as the kubelet has it, at most `limit_bytes`. An answer of 200 may be an
  /// error sentence (kubernetes/kubernetes#142258): only records inside it are evidence. Errors:
  /// kNotFound (no pod), kUnavailable (container not started, log gone).
  virtual base::Result<std::string> ReadLog(const std::string& pod_name,
                                            std::size_t limit_bytes) = 0;

  /// Best effort: an Event that is lost changes nothing.
  virtual base::Status CreateEvent(const EventNote& event) = 0;

  /// Leases are in the system namespace. These calls end within `timeout` instead of the usual
  /// deadline. A Lease without a resource version is created. Errors: kNotFound; of a write also
  /// kAlreadyExists and kConflict (another client has written it).
  virtual base::Result<Lease> GetLease(const std::string& name,
                                       std::chrono::milliseconds timeout) = 0;
  virtual base::Result<Lease> WriteLease(const std::string& name, const Lease& lease,
                                         std::chrono::milliseconds timeout) = 0;
};

}  // namespace oneshot::kube
