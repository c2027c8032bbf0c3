#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "controller/dispatcher.h"
#include "controller/options.h"
#include "controller/pool/warm_pool.h"
#include "controller/reconcile/execution.h"
#include "controller/reconcile/reconciler.h"
#include "controller/sweeper.h"
#include "controller/term/term.h"

namespace oneshot::controller {

/// Everything that only the leader does, from taking an epoch to the loss of it. Owns the parts
/// that do it and connects them; nothing of a term outlives it.
class LeaderTerm {
 public:
  /// Takes a new epoch, lists the cluster anew, and adopts the runs and waiting Jobs of the epoch
  /// before. Errors: those of the store; kUnavailable (no list came in time, or `stop` was
  /// requested). The term has not begun then.
  static base::Result<std::unique_ptr<LeaderTerm>> Begin(const Options& options,
                                                         const Services& services,
                                                         std::stop_token stop);
  ~LeaderTerm();

  /// Leads until `stop` is requested, or until the epoch is over: another controller has taken a
  /// newer one, or the result of a claim is unknown. Then returns as soon as each of its threads
  /// has left the call that it is in: within 30 s where that is one to the API server (at once when
  /// the program ends), and with PostgreSQL's answer otherwise. Call it once.
  void Run(std::stop_token stop);

  // What Run does on a thread each, for a caller that drives a term by itself: the loops, and
  // WorkOnce on `workers` threads.

  std::vector<base::Loop*> Loops();
  /// Looks at one run or waiting Job that is due; false when none is. Never waits for one.
  bool WorkOnce();
  /// When WorkOnce will have something to do unless an event comes before; empty: only an event
  /// gives it something.
  std::optional<base::MonotonicTime> NextWork() const { return term_.queue->NextDue(); }
  /// Stopped when the epoch is over; stopping it ends the term.
  const std::stop_source& end() const { return term_.end; }

  /// There may be something to claim or to cancel. Threads: any, from Begin on; never blocks.
  void OnQueue();

 private:
  LeaderTerm(const Options& options, const Services& services, std::int64_t epoch);
  void OnJob(const std::string& job_name);
  void Work(std::stop_token stop);
  void WorkOn(const std::string& key);

  const Options& options_;
  Term term_;
  reconcile::Executions executions_;
  reconcile::Reconciler reconciler_;
  pool::WarmPool pool_;
  Dispatcher dispatcher_;
  Sweeper sweeper_;
};

}  // namespace oneshot::controller
