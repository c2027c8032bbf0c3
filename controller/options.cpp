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
  document.String("kubernetes.system_namespace", options.system_namespace);
  document.String("kubernetes.instance", jobs.instance);
  document.String("kubernetes.image", jobs.image);
  // The deployment knows which image it was built with; the file is for development.
  config::TakeFromEnvironment("ONESHOT_RUN_IMAGE", jobs.image);
  document.String("kubernetes.job_template", options.job_template_file);
  document.String("kubernetes.kubeconfig", options.kubeconfig);
  document.Number("kubernetes.requests_per_second", options.requests_per_second, 1, 10'000);
  document.Integer("kubernetes.request_burst", options.request_burst, 1, 10'000);
  Milliseconds ttl = seconds(jobs.ttl_seconds);
  document.Duration("kubernetes.job_ttl", ttl, seconds(10), hours(24));
  jobs.ttl_seconds = std::chrono::duration_cast<seconds>(ttl).count();
  document.Integer("kubernetes.max_finished_jobs", options.max_finished_jobs, 10, 100'000);
  document.Integer("kubernetes.cpu_millis", jobs.cpu_millis, 100, 64'000);
  document.Integer("kubernetes.memory_overhead_mib", jobs.memory_overhead_mib, 8, 1024);
  // Together below 2^31, which is where Kubernetes' user ids end.
  document.Integer("kubernetes.first_uid", jobs.first_uid, 1000, 1'000'000'000);
  document.Integer("kubernetes.uids", jobs.uids, 1, 1'000'000'000);
}

void ReadController(Document& document, Options& options) {
  document.String("controller.admin_listen", options.admin_listen);
  config::TakeFromEnvironment("ONESHOT_LISTEN", options.admin_listen);
  options.identity = HostName();
  config::TakeFromEnvironment("ONESHOT_POD_NAME", options.identity);
  document.String("controller.lease", options.lease_name);
  document.Duration("controller.lease_duration", options.lease_duration, seconds(2), minutes(1));
  document.Integer("controller.workers", options.workers, 1, 64);
  int& max_active = options.max_active_runs;
  document.Integer("controller.max_active_runs", max_active, 1, 5000);
  // What is left is for others.
  options.max_active_runs_per_submitter = std::max(1, max_active * 3 / 4);
  document.Integer("controller.max_active_runs_per_submitter",
                   options.max_active_runs_per_submitter, 1, 5000);
  options.max_cold_runs = max_active;
  document.Integer("controller.max_cold_runs", options.max_cold_runs, 1, 5000);
  reconcile::ReconcilerSettings& reconcile = options.reconcile;
  document.Integer("controller.max_attempts", reconcile.max_attempts, 1, 20);
  document.Duration("controller.start_timeout", reconcile.plan.start_timeout, seconds(2), hours(1));
  document.Duration("controller.retry_pause", reconcile.retry_pause, Milliseconds(10), minutes(10));
  document.Duration("controller.result_hold", reconcile.plan.result_hold, seconds(1), hours(24));
  document.Duration("controller.queue_timeout", reconcile.queue_timeout, seconds(1), hours(24 * 7));
}

void ReadPool(Document& document, Options& options) {
  pool::PoolSettings& pool = options.pool;
  std::vector<std::string> names{"default"};
  document.StringList("pool.classes", names);
  for (const std::string& name : names) {
    const std::string section = "pool." + name;
    pool::PoolClass each{.name = name, .memory_mib = options.limits.defaults.memory_mib};
    document.Integer(section + ".memory_mib", each.memory_mib, 64,
                     options.limits.maxima.memory_mib);
    document.Integer(section + ".minimum", each.minimum, 0, 1000);
    each.maximum = each.minimum;
    document.Integer(section + ".maximum", each.maximum, 0, 1000);
    if (each.maximum < each.minimum)
      document.Refuse(section + ".maximum", "must not be below minimum");
    pool.classes.push_back(each);
  }
  std::ranges::sort(pool.classes, {}, &pool::PoolClass::memory_mib);
  document.Integer("pool.memory_budget_mib", pool.memory_budget_mib, 0, 1'048'576);
  document.Duration("pool.max_idle_age", pool.max_idle_age, seconds(10), hours(24));
  document.Integer("pool.max_starting", pool.max_starting, 1, 100);
  document.String("pool.priority_class", pool.priority_class);
  pool.start_timeout = options.reconcile.plan.start_timeout;
}

/// The last resort must come after everything else: the pool's longest wait, a start, the longest
/// run, and the time for which its result is held.
void SetDeadline(Options& options) {
  const auto longest =
      options.pool.max_idle_age + options.reconcile.plan.start_timeout +
      Milliseconds(options.limits.maxima.wall_ms) + Milliseconds(options.limits.stdin_idle_ms) +
      options.reconcile.plan.silence_after_wall + options.reconcile.plan.result_hold + minutes(2);
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
  document.Duration("retention.runs", options.keep_runs, minutes(1), hours(24 * 3650));
  document.LeaveTo({"api", "queue", "environment", "shares"});
  if (const base::Status status = document.Finish(); !status) return status.error();
  return options;
}

}  // namespace oneshot::controller
