#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "controller/kube/objects.h"
#include "controller/kube/watch_handlers.h"
#include "core/base/guarded.h"

namespace oneshot::cluster {

/// The newest state of each Job of ours and its pod, as the watches reported it. Reading it costs
/// no call. Threads: any.
class ClusterView {
 public:
  /// From now on `on_job` gets the name of each Job that changed, or whose pod changed in something
  /// that the controller looks at; empty: there is no listener. It is called from the watchers'
  /// threads and must not block. When this returns, no call of the former listener is running or
  /// will follow.
  void SetListener(std::function<void(const std::string& job_name)> on_job);

  /// For kube::ListWatch.
  kube::WatchHandlers<kube::Job> JobHandlers();
  kube::WatchHandlers<kube::Pod> PodHandlers();

  /// What is known of one Job.
  struct Sight {
    std::optional<kube::Job> job;
    /// The first one seen; a second pod of a Job must not be used.
    std::optional<kube::Pod> pod;
  };
  Sight Look(const std::string& job_name) const;

  /// Both lists have arrived. False when `stop` was requested first.
  bool WaitUntilSynced(std::stop_token stop);
  bool IsSynced() const;

  std::vector<kube::Job> Jobs() const;

 private:
  struct State {
    /// By the name of the Job; dropped when neither Job nor pod is left.
    std::map<std::string, Sight> entries;
    bool jobs_synced{false};
    bool pods_synced{false};
  };
  /// Changes what is known of one Job, forgets it when nothing is left, and calls the listener if
  /// `change` returns that it was news.
  void Change(const std::string& job_name, const std::function<bool(Sight&)>& change);
  void Synced(bool State::*list);

  base::Guarded<std::function<void(const std::string&)>> on_job_;
  mutable base::Guarded<State> state_;
  std::condition_variable_any synced_;
};

/// The finished ones among `jobs` without the `kept` newest, oldest first. Pure.
std::vector<kube::Job> FinishedBeyond(std::vector<kube::Job> jobs, std::size_t kept);

}  // namespace oneshot::cluster
