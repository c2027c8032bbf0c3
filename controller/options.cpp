#include "controller/options.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace oneshot::controller {
namespace {

using base::Milliseconds;
using config::Document;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

std::string FromEnvironment(const char* name, const std::string& fallback) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : fallback;
}

std::string HostName() {
  char name[256]{};
  return gethostname(name, sizeof name - 1) == 0 ? name : "controller";
}

void ReadKubernetes(Document& document, Options& options) {
  manifest::JobSettings& jobs = options.jobs;
  jobs.run_namespace = document.String("kubernetes.namespace", "oneshot-runs");
  options.system_namespace = document.String("kubernetes.system_namespace", "oneshot");
  jobs.instance = document.String("kubernetes.instance", "oneshot");
  // The deployment knows which image it was built with; the file is for development.
  jobs.image = FromEnvironment("ONESHOT_RUN_IMAGE", document.String("kubernetes.image", ""));
  options.job_template_file = document.String("kubernetes.job_template", "/etc/oneshot/job.yaml");
  options.kubeconfig = document.String("kubernetes.kubeconfig", "");
  options.requests_per_second = document.Number("kubernetes.requests_per_second", 200, 1, 10'000);
  options.request_burst =
      static_cast<int>(document.Integer("kubernetes.request_burst", 400, 1, 10'000));
  const auto ttl = document.Duration("kubernetes.job_ttl", minutes(5), seconds(10), hours(24));
  jobs.ttl_seconds = std::chrono::duration_cast<seconds>(ttl).count();
  options.max_finished_jobs =
      static_cast<int>(document.Integer("kubernetes.max_finished_jobs", 100, 10, 100'000));
  jobs.cpu_millis = document.Integer("kubernetes.cpu_millis", 1000, 100, 64'000);
  jobs.preload = document.StringList("kubernetes.preload", jobs.preload);
  jobs.memory_overhead_mib = document.Integer("kubernetes.memory_overhead_mib", 96, 8, 1024);
}

void ReadController(Document& document, Options& options) {
  options.admin_listen = document.String("controller.admin_listen", "127.0.0.1:8082");
  options.identity = FromEnvironment("ONESHOT_POD_NAME", HostName());
  options.lease_name = document.String("controller.lease", "oneshot-controller");
  options.workers = static_cast<int>(document.Integer("controller.workers", 4, 1, 64));
  options.max_active_runs =
      static_cast<int>(document.Integer("controller.max_active_runs", 16, 1, 5000));
  reconcile::ReconcilerSettings& reconcile = options.reconcile;
  reconcile.max_attempts = static_cast<int>(document.Integer("controller.max_attempts", 3, 1, 20));
  reconcile.plan.start_timeout =
      document.Duration("controller.start_timeout", seconds(60), seconds(2), hours(1));
  reconcile.retry_pause =
      document.Duration("controller.retry_pause", seconds(1), Milliseconds(10), minutes(10));
}

void ReadPool(Document& document, Options& options) {
  pool::PoolSettings& pool = options.pool;
  for (const std::string& name : document.StringList("pool.classes", {"default"})) {
    const std::string section = "pool." + name;
    pool::PoolClass each;
    each.name = name;
    each.memory_mib = document.Integer(section + ".memory_mib", options.limits.defaults.memory_mib,
                                       64, options.limits.maxima.memory_mib);
    each.minimum = static_cast<int>(document.Integer(section + ".minimum", 0, 0, 1000));
    each.maximum = static_cast<int>(document.Integer(section + ".maximum", each.minimum, 0, 1000));
    if (each.maximum < each.minimum)
      document.Refuse(section + ".maximum", "must not be below minimum");
    pool.classes.push_back(each);
  }
  std::ranges::sort(pool.classes, {}, &pool::PoolClass::memory_mib);
  pool.memory_budget_mib = document.Integer("pool.memory_budget_mib", 4096, 0, 1'048'576);
  pool.max_idle_age = document.Duration("pool.max_idle_age", minutes(30), seconds(10), hours(24));
  pool.max_starting = static_cast<int>(document.Integer("pool.max_starting", 2, 1, 100));
  pool.priority_class = document.String("pool.priority_class", "");
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
  options.database = config::ReadDatabase(document);
  options.limits = config::ReadLimits(document);
  options.log_level = config::ReadLogLevel(document);
  ReadKubernetes(document, options);
  ReadController(document, options);
  ReadPool(document, options);
  SetDeadline(options);
  options.keep_runs =
      document.Duration("retention.runs", hours(24 * 7), minutes(1), hours(24 * 3650));
  document.LeaveTo({"api", "queue", "environment"});
  if (auto finished = document.Finish(); !finished) return finished.error();
  return options;
}

}  // namespace oneshot::controller
