#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "controller/options.h"
#include "controller/pool/warm_pool.h"
#include "controller/reconcile/execution.h"
#include "controller/term/term.h"
#include "core/base/loop.h"

namespace oneshot::controller {

/// What one term of leadership does by the clock: keeps the pool filled, and finds what no event
/// reports or whose event was lost. Threads: one.
class Sweeper final : public base::Loop {
 public:
  Sweeper(Term& term, reconcile::Executions& executions, pool::WarmPool& pool,
          const Options& options);

  /// Does the sweeps that are due. Wake it when a Job was taken from the pool.
  std::chrono::nanoseconds Step(const std::stop_token& stop, bool woken) override;

 private:
  enum class On { kClock, kWakeUp };
  struct Sweep {
    void (Sweeper::*act)(const std::stop_token&);
    base::Milliseconds every;
    /// kWakeUp: also whenever somebody wakes the sweeper. Those that look at every Job or run are
    /// not, because a burst of claims wakes it often.
    On also_on{On::kClock};
    base::MonotonicTime due{};
  };

  void TendPool(const std::stop_token& stop);
  void VisitRuns(const std::stop_token& stop);
  void DeleteFinishedJobs(const std::stop_token& stop);
  void DeleteOrphans(const std::stop_token& stop);
  void DeleteOldRuns(const std::stop_token& stop);
  /// Tells how much is queued and stored, and keeps finished runs within retention.bytes.
  void WatchStorage(const std::stop_token& stop);
  template <typename DeleteBatch>
  void DeleteInBatches(const std::stop_token& stop, std::string_view message,
                       const DeleteBatch& delete_batch);
  /// Those that no run holds: they may be deleted.
  std::vector<kube::Job> Permitted(std::vector<kube::Job> jobs);

  Term& term_;
  reconcile::Executions& executions_;
  pool::WarmPool& pool_;
  const Options& options_;
  std::vector<Sweep> sweeps_;
  /// Jobs that belong to no run, and when each was first seen.
  std::map<std::string, base::MonotonicTime> orphans_;
  /// A batch of finished Jobs is being deleted. Shared with it, because it may outlive the term.
  const std::shared_ptr<std::atomic<bool>> is_deleting_{std::make_shared<std::atomic<bool>>(false)};
};

}  // namespace oneshot::controller
