#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "controller/kube/objects.h"
#include "controller/kube/watch_handlers.h"
#include "core/base/clock.h"
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

  /// `relist` makes both watches list again (kube::ListWatch::Relist) and does not wait. Set it
  /// before any thread may call Relist.
  void SetRelist(std::function<void()> relist) { relist_ = std::move(relist); }
  /// Makes both watches list again. The view is at least as new as this call once WaitUntilListed
  /// says so of what this returns: a watch may have been dead for a while without knowing it.
  std::uint64_t Relist();
  /// Waits for both lists that began after the Relist which returned `relist`. False when
  /// `patience` was over or `stop` requested first.
  bool WaitUntilListed(std::uint64_t relist, base::Milliseconds patience, std::stop_token stop);

  /// When the API server last said something on the watch that has been silent for longer. Empty
  /// before both have been heard.
  std::optional<base::MonotonicTime> LastHeard() const;

  std::vector<kube::Job> Jobs() const;
  /// Those that have not ended and are not being deleted. Costs nothing for the others.
  std::vector<kube::Job> UnfinishedJobs() const;
  /// Those that have ended and are not being deleted, without the `kept` that ended last: those
  /// that ended first come first, at most `most`. Costs nothing for the others.
  std::vector<kube::Job> FinishedBeyond(std::size_t kept, std::size_t most) const;

 private:
  struct Watched {
    bool synced{false};
    /// How many times Relist had been called when the newest list began, and when the newest one
    /// that has arrived did.
    std::uint64_t listing_for{0};
    std::uint64_t listed_for{0};
    std::optional<base::MonotonicTime> heard;
  };
  struct State {
    /// By the name of the Job; dropped when neither Job nor pod is left.
    std::map<std::string, Sight> entries;
    /// Names of Jobs that are not being deleted: those that have not ended.
    std::set<std::string> unfinished;
    /// And the others, behind when each ended. The API server's times have whole seconds; names of
    /// Jobs of one kind sort by time.
    std::set<std::pair<std::string, std::string>> finished;
    std::uint64_t relists{0};
    Watched jobs;
    Watched pods;
  };
  /// The handlers that are the same for both kinds.
  template <typename T>
  kube::WatchHandlers<T> HandlersOf(Watched State::*kind);
  /// Changes what is known of one Job, forgets it when nothing is left, and calls the listener if
  /// `change` returns that it was news.
  void Change(const std::string& job_name, const std::function<bool(Sight&)>& change);
  static void Index(State& state, const kube::Job& job);
  static void Unindex(State& state, const kube::Job& job);

  std::function<void()> relist_;
  base::Guarded<std::function<void(const std::string&)>> on_job_;
  mutable base::Guarded<State> state_;
  std::condition_variable_any listed_;
};

}  // namespace oneshot::cluster
