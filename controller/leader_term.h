#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "controller/cluster/cluster_view.h"
#include "controller/kube/attach.h"
#include "controller/kube/client.h"
#include "controller/options.h"
#include "controller/pool/warm_pool.h"
#include "controller/queue/work_queue.h"
#include "controller/reconcile/execution.h"
#include "controller/reconcile/job_marker.h"
#include "controller/reconcile/reconciler.h"
#include "core/base/thread.h"
#include "core/store/notifications.h"
#include "core/store/run_store.h"

namespace oneshot::controller {

/// The controller's metrics; made once, because their series outlive a term.
struct Instruments {
  explicit Instruments(telemetry::Metrics& metrics);
  reconcile::RunMetrics runs;
  pool::PoolMetrics pool;
  telemetry::Gauge active;
  telemetry::Gauge leading;
  telemetry::Counter claims_warm;
  telemetry::Counter claims_cold;
};

/// Everything that only the leader does, from taking an epoch to the loss of it: claiming runs,
/// working on them, keeping the pool, sweeping. Construct it when leadership is gained, destroy it
/// when it is lost; nothing of it outlives it.
class LeaderTerm {
 public:
  struct Parts {
    const Options& options;
    store::RunStore& store;
    store::Notifier& notifier;
    kube::Client& client;
    kube::Attacher& attacher;
    cluster::ClusterView& cluster;  // synced
    const manifest::JobTemplate& job_template;
    Instruments& instruments;
    const base::Clock& clock;
  };
  /// Errors: those of the store; nothing was started.
  static base::Result<std::unique_ptr<LeaderTerm>> Begin(Parts parts);
  ~LeaderTerm();

  /// A Job or its pod changed. Never blocks.
  void OnJob(const std::string& job_name);
  /// There may be something to claim or to cancel. Never blocks.
  void OnQueue();

  /// Another controller has taken a newer epoch, or a claim's fate is unknown: this term must end
  /// and a new one begin.
  bool IsOver() const { return over_; }

 private:
  LeaderTerm(Parts parts, std::int64_t epoch);
  base::Status Recover();
  void Start();

  void Dispatch(std::stop_token stop);
  /// Claims once; true when there may be more to claim at once.
  bool ClaimRuns();
  bool ClaimFor(const pool::PoolClass* pool_class, int cold_slots);
  void Begin(store::ClaimedRun claimed);
  void CountArrivals(const std::vector<store::ClaimedRun>& claimed);

  void Work(std::stop_token stop);
  void Upkeep(std::stop_token stop);
  bool IsCrowded() const;
  void SweepRuns();
  void SweepOrphans();
  void SweepFinished();
  void SweepHistory();

  Parts parts_;
  const std::int64_t epoch_;
  std::atomic<bool> over_{false};
  queue::WorkQueue queue_;
  base::WakeUp claim_wake_up_;
  base::WakeUp upkeep_wake_up_;
  reconcile::Executions executions_;
  reconcile::JobMarker marker_;
  reconcile::Reconciler reconciler_;
  pool::WarmPool pool_;
  std::map<std::string, base::MonotonicTime> orphans_;  // of the upkeep thread: when first seen
  std::vector<std::jthread> threads_;                   // last: they use everything above
};

}  // namespace oneshot::controller
