#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "controller/kube/objects.h"
#include "controller/kube/watcher.h"
#include "core/base/guarded.h"

namespace oneshot::cluster {

/// The newest state of every Job of ours and its pod, as the watches told it. Reading it costs no
/// call. Threads: any.
class ClusterView {
 public:
  /// `on_job` gets the name of a Job that changed, or whose pod did; called from the watchers'
  /// threads, must not block.
  explicit ClusterView(std::function<void(const std::string& job_name)> on_job);

  /// For kube::Watcher.
  kube::WatchHandlers<kube::Job> JobHandlers();
  kube::WatchHandlers<kube::Pod> PodHandlers();

  /// What is known of one Job.
  struct Sight {
    std::optional<kube::Job> job;
    std::optional<kube::Pod> pod;  // the first one seen; a second pod of a Job is never ours to use
  };
  Sight Look(const std::string& job_name) const;

  /// Both lists have arrived. False when `stop` was requested first.
  bool WaitUntilSynced(std::stop_token stop);
  bool IsSynced() const;

  std::vector<kube::Job> Jobs() const;

 private:
  struct State {
    std::map<std::string, Sight> entries;  // by Job name; dropped when neither Job nor pod is left
    bool jobs_synced{false};
    bool pods_synced{false};
  };
  void OnPodDeleted(const kube::Pod& pod);

  const std::function<void(const std::string&)> on_job_;
  mutable base::Guarded<State> state_;
  std::condition_variable_any synced_;
};

}  // namespace oneshot::cluster
