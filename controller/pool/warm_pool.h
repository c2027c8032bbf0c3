#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "controller/delivery/run_channel.h"
#include "controller/kube/backoff.h"
#include "controller/pool/pool_plan.h"
#include "controller/pool/pool_target.h"
#include "controller/term/term.h"
#include "core/base/guarded.h"

namespace oneshot::pool {

/// Keeps Jobs waiting with their libraries imported and their attach open. Hands each out once;
/// what is durable about that is the store's (a Job's name is tied to one run for ever). Lives as
/// long as one term of leadership. Threads: any.
class WarmPool {
 public:
  WarmPool(controller::Term& term, PoolSettings settings);

  /// Takes over the Jobs that an earlier controller left waiting, and deletes those of another
  /// template or that once had a run. The cluster view must be synced. Errors: those of the store.
  base::Status Adopt();

  enum class Refill { kNow, kLater };
  /// Creates what is missing unless that is for later, retires what is old or too many. Call it
  /// often (every 100 ms) and after each claim.
  void Tick(Refill refill);

  /// Looks at one Job by name; called with its key held.
  void Reconcile(const std::string& job_name);

  bool Owns(const std::string& job_name) const;

  /// Names of Jobs that are ready, oldest first, reserved until Release or Hand.
  std::vector<std::string> Reserve(const PoolClass& pool_class, int most);
  /// Not used after all.
  void Release(const std::vector<std::string>& job_names);
  /// The Job belongs to a run now: its channel, ready to deliver.
  std::shared_ptr<delivery::RunChannel> Hand(const std::string& job_name);
  /// A run with these limits came, whether or not it found a Job.
  void OnArrival(const domain::Limits& limits);

  const PoolSettings& settings() const { return settings_; }

 private:
  struct WarmJob {
    const std::size_t class_index{0};
    const std::shared_ptr<delivery::RunChannel> channel;
    const base::MonotonicTime created_at{};
    /// An earlier controller made it, so its start was not seen.
    const bool is_adopted{false};
    // Changed under the lock.
    bool is_ready{false};
    bool is_reserved{false};
    // Of the one that holds the Job's key in the work queue.
    bool posted{false};
    bool was_seen{false};
    std::optional<base::MonotonicTime> scheduled_at;
    std::optional<base::MonotonicTime> heard_at;
  };
  using Jobs = std::map<std::string, std::shared_ptr<WarmJob>>;
  struct State {
    Jobs jobs;
    /// Taken out; the next Tick closes their channels and deletes them.
    Jobs retired;
    /// One for each class.
    std::vector<PoolTarget> targets;
    kube::Backoff backoff{{}, {}};
    base::MonotonicTime create_not_before{};
    std::optional<base::MonotonicTime> handed_at;
  };

  PoolSituation Observe(State& state, Refill refill) const;
  void DeleteRetired();
  void AddJob(State& state, const std::string& job_name, std::size_t class_index, bool posted);
  void Post(const std::string& job_name, const PoolClass& pool_class);
  void BecomeReady(WarmJob& job);
  /// Retires a Job that is lost. One that never was ready counts as a failure to make it.
  void Drop(const std::string& job_name);

  controller::Term& term_;
  const PoolSettings settings_;
  mutable base::Guarded<State> state_;
};

}  // namespace oneshot::pool
