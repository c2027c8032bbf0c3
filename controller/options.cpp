#include "controller/options.h"

#include <unistd.h>

#include <algorithm>

namespace oneshot::controller {
namespace {

using base::Milliseconds;
using config::Document;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

std::string HostName() {
  char name[256]{};
  return gethostname(name, sizeof name - 1) == 0 ? name : "controller";
}

void ReadKubernetes(Document& document, Options& options) {
  manifest::JobSettings& jobs = options.jobs;
  jobs.run_namespace = options.job_namespace;
  options.system_namespace =
      document.String("kubernetes.system_namespace", options.system_namespace);
  jobs.instance = document.String("kubernetes.instance", jobs.instance);
  // The deployment knows which image it was built with; the file is for development.
  jobs.image =
      config::FromEnvironment("ONESHOT_RUN_IMAGE", document.String("kubernetes.image", jobs.image));
  options.job_template_file = document.String("kubernetes.job_template", options.job_template_file);
  options.kubeconfig = document.String("kubernetes.kubeconfig", options.kubeconfig);
  options.requests_per_second =
      document.Number("kubernetes.requests_per_second", options.requests_per_second, 1, 10'000);
  options.request_burst =
      document.Integer("kubernetes.request_burst", options.request_burst, 1, 10'000);
  const auto ttl =
      document.Duration("kubernetes.job_ttl", seconds(jobs.ttl_seconds), seconds(10), hours(24));
  jobs.ttl_seconds = std::chrono::duration_cast<seconds>(ttl).count();
  options.max_finished_jobs =
      document.Integer("kubernetes.max_finished_jobs", options.max_finished_jobs, 10, 100'000);
  jobs.cpu_millis = document.Integer("kubernetes.cpu_millis", jobs.cpu_millis, 100, 64'000);
  jobs.preload = document.StringList("kubernetes.preload", jobs.preload);
  jobs.memory_overhead_mib =
      document.Integer("kubernetes.memory_overhead_mib", jobs.memory_overhead_mib, 8, 1024);
}

void ReadController(Document& document, Options& options) {
  options.admin_listen = document.String("controller.admin_listen", options.admin_listen);
  options.identity = config::FromEnvironment("ONESHOT_POD_NAME", HostName());
  options.lease_name = document.String("controller.lease", options.lease_name);
  options.workers = document.Integer("controller.workers", options.workers, 1, 64);
  options.max_active_runs =
      document.Integer("controller.max_active_runs", options.max_active_runs, 1, 5000);
  reconcile::ReconcilerSettings& reconcile = options.reconcile;
  reconcile.max_attempts =
      document.Integer("controller.max_attempts", reconcile.max_attempts, 1, 20);
  reconcile.plan.start_timeout = document.Duration(
      "controller.start_timeout", reconcile.plan.start_timeout, seconds(2), hours(1));
  reconcile.retry_pause = document.Duration("controller.retry_pause", reconcile.retry_pause,
                                            Milliseconds(10), minutes(10));
}

void ReadPool(Document& document, Options& options) {
  pool::PoolSettings& pool = options.pool;
  for (const std::string& name : document.StringList("pool.classes", {"default"})) {
    const std::string section = "pool." + name;
    pool::PoolClass each;
    each.name = name;
    each.memory_mib = document.Integer(section + ".memory_mib", options.limits.defaults.memory_mib,
                                       64, options.limits.maxima.memory_mib);
    each.minimum = document.Integer(section + ".minimum", each.minimum, 0, 1000);
    each.maximum = document.Integer(section + ".maximum", each.minimum, 0, 1000);
    if (each.maximum < each.minimum)
      document.Refuse(section + ".maximum", "must not be below minimum");
    pool.classes.push_back(each);
  }
  std::ranges::sort(pool.classes, {}, &pool::PoolClass::memory_mib);
  pool.memory_budget_mib =
      document.Integer("pool.memory_budget_mib", pool.memory_budget_mib, 0, 1'048'576);
  pool.max_idle_age =
      document.Duration("pool.max_idle_age", pool.max_idle_age, seconds(10), hours(24));
  pool.max_starting = document.Integer("pool.max_starting", pool.max_starting, 1, 100);
  pool.priority_class = document.String("pool.priority_class", pool.priority_class);
  pool.start_timeout = options.reconcile.plan.start_timeout;
}

/// The last resort must come after everything else: the pool's longest wait, a start, the longest
/// run.
void SetDeadline(Options& options) {
  const auto longest = options.pool.max_idle_age + options.reconcile.plan.start_timeout +
                       Milliseconds(options.limits.maxima.wall_ms) +
                       options.reconcile.plan.silence_after_wall + minutes(2);
  options.jobs.deadline_seconds = std::chrono::duration_cast<seconds>(longest).count();
}

}  // namespace

base::Result<Options> ReadOptions(Document& document) {
  Options options;
  config::ReadShared(document, options);
  ReadKubernetes(document, options);
  ReadController(document, options);
  ReadPool(document, options);
  SetDeadline(options);
  options.keep_runs =
      document.Duration("retention.runs", options.keep_runs, minutes(1), hours(24 * 3650));
  document.LeaveTo({"api", "queue", "environment"});
  if (const base::Status status = document.Finish(); !status) return status.error();
  return options;
}

}  // namespace oneshot::controller
