#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "core/base/result.h"
#include "core/domain/run.h"

namespace oneshot::manifest {

/// What the controller's configuration says about every Job.
struct JobSettings {
  std::string run_namespace;
  std::string instance{"oneshot"};
  /// Built from images/python.
  std::string image;
  /// For the runner and what it preloads, on top of what the program may use.
  std::int64_t memory_overhead_mib{96};
  std::int64_t cpu_millis{1000};
  /// The pods' user ids, where the template gives none: one for each Job, from its name. The kernel
  /// counts what a user has open (watches, descriptors on their way), and runs are not to share the
  /// counters.
  std::int64_t first_uid{1'000'000};
  std::int64_t uids{1'000'000};
  /// activeDeadlineSeconds, the last resort: it deletes the pod and its log.
  std::int64_t deadline_seconds{600};
  /// How long a finished Job stays for kubectl: what the controller sets
  /// spec.ttlSecondsAfterFinished to once the run's end is stored.
  std::int64_t ttl_seconds{300};
};

/// A Job's ttlSecondsAfterFinished until then. Kubernetes begins to count when the program ends, so
/// it must outlast any absence of controllers and database; it is for the case that none ever comes
/// back.
inline constexpr std::int64_t kTtlUntilStoredSeconds = 24 * 3600;

/// Which Job to make.
struct JobRequest {
  std::string name;
  std::int64_t memory_mib{256};
  /// Empty: the Job waits for a run.
  std::string run_id;
  int attempt{0};
  /// The node on which an earlier attempt was interrupted: any other one is preferred. Empty: none.
  std::string avoid_node;
  /// Empty: the template's.
  std::string priority_class;
  /// Of a Job that waits.
  std::string pool_class;
};

/// The Job of k8s/base/run-job.yaml or of an operator: anything may be added there (node selectors,
/// a RuntimeClass, tolerations, annotations), but what makes a run safe is set here, after the
/// template, and faults that setting cannot mend are refused at start. Threads: any, once made.
class JobTemplate {
 public:
  /// `yaml` is a batch/v1 Job. Errors: kInvalidArgument, every fault on a line of its own.
  static base::Result<JobTemplate> Parse(const std::string& yaml, const JobSettings& settings);
  static base::Result<JobTemplate> Load(const std::string& file_name, const JobSettings& settings);

  /// The manifest as JSON for the API server.
  std::string Render(const JobRequest& request) const;

  /// Changes whenever Jobs made from this template would differ: label value of waiting Jobs.
  const std::string& fingerprint() const { return fingerprint_; }
  const JobSettings& settings() const { return settings_; }

 private:
  struct Manifest;
  JobTemplate(std::shared_ptr<const Manifest> manifest, JobSettings settings,
              std::string fingerprint);

  /// All that Jobs have in common. Shared by copies, because it never changes.
  std::shared_ptr<const Manifest> manifest_;
  JobSettings settings_;
  std::string fingerprint_;
};

}  // namespace oneshot::manifest
