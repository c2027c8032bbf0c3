#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>

#include "controller/kube/attach.h"
#include "controller/options.h"
#include "controller/pool/warm_pool.h"
#include "controller/queue/work_queue.h"
#include "controller/reconcile/execution.h"
#include "core/base/clock.h"
#include "core/base/thread.h"
#include "core/store/run_store.h"
#include "core/telemetry/metrics.h"

namespace oneshot::controller {

struct DispatchMetrics {
  explicit DispatchMetrics(telemetry::Metrics& metrics);
  telemetry::Counter warm;
  telemetry::Counter cold;
};

/// Claims runs for one term of leadership and begins their executions; the work queue takes them
/// from there.
class Dispatcher {
 public:
  struct Parts {
    const Options& options;
    store::RunStore& store;
    kube::AttachClient& attacher;
    queue::WorkQueue& queue;
    reconcile::Executions& executions;
    pool::WarmPool& pool;
    DispatchMetrics& metrics;
    const base::Clock& clock;
    /// Runs have taken Jobs from the pool.
    std::function<void()> on_claimed;
    /// The epoch is another controller's, or the result of a claim is unknown: a new epoch has to
    /// adopt what was claimed.
    std::function<void()> on_epoch_over;
  };
  Dispatcher(Parts parts, std::int64_t epoch);

  /// Claims runs, when woken and every second, until `stop` is requested.
  void Run(std::stop_token stop);
  /// There may be something to claim. Threads: any; never blocks.
  void Wake() { wake_up_.Raise(); }

  /// Continues the active runs that an older epoch claimed. Threads: any. Errors: those of the
  /// store.
  base::Status Adopt();

 private:
  /// Claims once for each class of the pool and once for runs with Jobs of their own; true when
  /// there may be more to claim.
  bool Claim();
  bool ClaimFor(const pool::PoolClass* pool_class, int cold_slots);
  void Begin(store::ClaimedRun claimed);

  Parts parts_;
  const std::int64_t epoch_;
  base::WakeUp wake_up_;
};

}  // namespace oneshot::controller
