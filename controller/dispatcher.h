#pragma once

#include <functional>
#include <stop_token>

#include "controller/options.h"
#include "controller/pool/warm_pool.h"
#include "controller/reconcile/execution.h"
#include "controller/term/term.h"
#include "core/base/loop.h"

namespace oneshot::controller {

/// What one term of leadership learns from the store: runs to claim, to go on with and to cancel.
/// Begins their executions; the work queue takes them from there. Waits for
/// nobody but the store, so that none of it waits for a slow API server.
class Dispatcher final : public base::Loop {
 public:
  /// `on_claimed`: runs have taken Jobs from the pool.
  Dispatcher(Term& term, reconcile::Executions& executions, pool::WarmPool& pool,
             const Options& options, std::function<void()> on_claimed);

  /// Claims once for each class of the pool and once for runs with Jobs of their own. Wake it when
  /// there may be something to claim or to cancel.
  std::chrono::nanoseconds Step(const std::stop_token& stop, bool woken) override;

  /// Continues the active runs that an older epoch claimed, or of which the answer was lost.
  /// Threads: not while Step runs. Errors: those of the store.
  base::Status Adopt();

 private:
  /// For waiting Jobs of this class, or for Jobs of the runs' own when it is null. True when there
  /// may be more to claim.
  bool ClaimFor(const pool::PoolClass* pool_class);
  void Begin(store::ClaimedRun claimed);
  void CancelRuns();
  /// What has come on the standard input of active runs.
  void FindInput();

  Term& term_;
  reconcile::Executions& executions_;
  pool::WarmPool& pool_;
  const Options& options_;
  const std::function<void()> on_claimed_;
  base::MonotonicTime sweep_at_{};
};

}  // namespace oneshot::controller
