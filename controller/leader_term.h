#pragma once

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>

#include "controller/cluster/cluster_view.h"
#include "controller/dispatcher.h"
#include "controller/kube/attach.h"
#include "controller/kube/client.h"
#include "controller/options.h"
#include "controller/pool/warm_pool.h"
#include "controller/queue/work_queue.h"
#include "controller/reconcile/execution.h"
#include "controller/reconcile/job_marker.h"
#include "controller/reconcile/reconciler.h"
#include "controller/sweeper.h"
#include "core/store/notifications.h"
#include "core/store/run_store.h"

namespace oneshot::controller {

/// The controller's metrics; made once, because their series outlive a term.
struct Instruments {
  explicit Instruments(telemetry::Metrics& metrics);
  reconcile::RunMetrics runs;
  pool::PoolMetrics pool;
  DispatchMetrics claims;
  telemetry::Gauge active;
  telemetry::Gauge leading;
};

/// Everything that only the leader does, from taking an epoch to the loss of it. Owns the parts
/// that do it and connects them; nothing of a term outlives it.
class LeaderTerm {
 public:
  struct Parts {
    const Options& options;
    store::RunStore& store;
    store::Notifier& notifier;
    kube::Client& client;
    kube::AttachClient& attacher;
    /// Synced.
    cluster::ClusterView& cluster;
    const manifest::JobTemplate& job_template;
    Instruments& instruments;
    const base::Clock& clock;
  };
  /// Takes a new epoch and adopts the runs and waiting Jobs of the one before. Errors: those of the
  /// store; the term has not begun.
  static base::Result<std::unique_ptr<LeaderTerm>> Begin(Parts parts);
  ~LeaderTerm();

  /// Leads until `stop` is requested, or until the epoch is over: another controller has taken a
  /// newer one, or the result of a claim is unknown. Then returns as soon as each of its threads
  /// has left the call that it is in: within 30 s where that is one to the API server (at once when
  /// the program ends), and with PostgreSQL's answer otherwise. Call it once.
  void Run(std::stop_token stop);

  /// There may be something to claim or to cancel. Threads: any, from Begin on; never blocks.
  void OnQueue();

 private:
  LeaderTerm(Parts parts, std::int64_t epoch);
  void OnJob(const std::string& job_name);
  void Work(std::stop_token stop);

  Parts parts_;
  const std::int64_t epoch_;
  /// Stopped when the epoch is over, and with the stop of Run.
  std::stop_source end_;
  queue::WorkQueue queue_;
  reconcile::Executions executions_;
  reconcile::JobMarker marker_;
  reconcile::Reconciler reconciler_;
  pool::WarmPool pool_;
  Dispatcher dispatcher_;
  Sweeper sweeper_;
};

}  // namespace oneshot::controller
