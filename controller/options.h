#pragma once

#include <string>

#include "controller/manifest/job_template.h"
#include "controller/pool/warm_pool.h"
#include "controller/reconcile/reconciler.h"
#include "core/base/result.h"
#include "core/config/shared_sections.h"

namespace oneshot::controller {

/// What the configuration file decides, checked. Defaults are those of the file's keys;
/// docs/configuration.md says what each key means.
struct Options : config::SharedOptions {
  manifest::JobSettings jobs;
  std::string job_template_file{"/etc/oneshot/job.yaml"};
  std::string system_namespace{"oneshot"};
  /// Empty: the service account of the controller's pod.
  std::string kubeconfig;
  double requests_per_second{200};
  int request_burst{400};

  std::string admin_listen{"127.0.0.1:8082"};
  /// Of this replica, in the Lease.
  std::string identity;
  std::string lease_name{"oneshot-controller"};
  base::Milliseconds lease_duration{4'000};
  int workers{4};
  int max_active_runs{16};
  int max_active_runs_per_submitter{12};
  int max_cold_runs{16};
  int max_finished_jobs{100};
  reconcile::ReconcilerSettings reconcile;
  pool::PoolSettings pool;
  base::Milliseconds keep_runs{std::chrono::hours(24 * 7)};
};

/// Errors: kInvalidArgument with every fault.
base::Result<Options> ReadOptions(config::Document& document);

}  // namespace oneshot::controller
