#pragma once

#include <map>
#include <stop_token>
#include <string>

#include "controller/dispatcher.h"

namespace oneshot::controller {

/// What one term of leadership does by the clock: keeps the pool filled, and finds what no event
/// reports or whose event was lost. All of it on the thread of Run.
class Sweeper {
 public:
  Sweeper(Term& term, reconcile::Executions& executions, pool::WarmPool& pool,
          Dispatcher& dispatcher, const Options& options);

  /// Sweeps until `stop` is requested.
  void Run(std::stop_token stop);
  /// A Job was taken from the pool, or a run may have to be cancelled. Threads: any; never blocks.
  void Wake() { wake_up_.Raise(); }

 private:
  void TendPool(const std::stop_token& stop);
  void CancelRuns(const std::stop_token& stop);
  void AdoptLateClaims(const std::stop_token& stop);
  void VisitRuns(const std::stop_token& stop);
  void DeleteFinishedJobs(const std::stop_token& stop);
  void DeleteOrphans(const std::stop_token& stop);
  void DeleteOldRuns(const std::stop_token& stop);

  Term& term_;
  reconcile::Executions& executions_;
  pool::WarmPool& pool_;
  Dispatcher& dispatcher_;
  const Options& options_;
  base::WakeUp wake_up_;
  /// Jobs that belong to no run, and when each was first seen.
  std::map<std::string, base::MonotonicTime> orphans_;
};

}  // namespace oneshot::controller
