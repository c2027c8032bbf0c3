#pragma once

#include <cstdint>
#include <string>

#include "controller/manifest/job_template.h"
#include "controller/pool/warm_pool.h"
#include "controller/reconcile/reconciler.h"
#include "core/base/result.h"
#include "core/config/shared_sections.h"
#include "core/domain/limits.h"

namespace oneshot::controller {

/// What config.yaml says, checked; docs/configuration.md lists every key.
struct Options {
  config::DatabaseOptions database;
  domain::LimitPolicy limits;
  telemetry::Level log_level{telemetry::Level::kInfo};

  manifest::JobSettings jobs;
  std::string job_template_file;
  std::string system_namespace;
  std::string kubeconfig;  // empty: in the cluster
  double requests_per_second{200};
  int request_burst{400};

  std::string admin_listen;
  std::string identity;  // of this replica, in the Lease
  std::string lease_name;
  int workers{4};
  int max_active_runs{16};
  int max_finished_jobs{100};
  reconcile::ReconcilerSettings reconcile;
  pool::PoolSettings pool;
  base::Milliseconds keep_runs{};
};

/// Errors: kInvalidArgument with every fault.
base::Result<Options> ReadOptions(config::Document& document);

}  // namespace oneshot::controller
