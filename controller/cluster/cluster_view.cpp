#include "controller/cluster/cluster_view.h"

#include <algorithm>
#include <utility>

namespace oneshot::cluster {

void ClusterView::SetListener(std::function<void(const std::string&)> on_job) {
  auto current = on_job_.Acquire();
  *current = std::move(on_job);
}

template <typename T>
kube::WatchHandlers<T> ClusterView::HandlersOf(Watched State::*kind) {
  kube::WatchHandlers<T> handlers;
  handlers.on_listing = [this, kind] {
    auto state = state_.Acquire();
    ((*state).*kind).listing_for = state->relists;
  };
  handlers.on_synced = [this, kind] {
    {
      auto state = state_.Acquire();
      Watched& watched = (*state).*kind;
      watched.synced = true;
      watched.listed_for = watched.listing_for;
    }
    listed_.notify_all();
  };
  handlers.on_heard = [this, kind](base::MonotonicTime now) {
    auto state = state_.Acquire();
    ((*state).*kind).heard = now;
  };
  return handlers;
}

kube::WatchHandlers<kube::Job> ClusterView::JobHandlers() {
  auto handlers = HandlersOf<kube::Job>(&State::jobs);
  handlers.on_changed = [this](const kube::Job& job) {
    Change(job.meta.name, [&job](Sight& sight) {
      sight.job = job;
      return true;
    });
  };
  handlers.on_deleted = [this](const kube::Job& job) {
    Change(job.meta.name, [](Sight& sight) {
      sight.job.reset();
      return true;
    });
  };
  return handlers;
}

kube::WatchHandlers<kube::Pod> ClusterView::PodHandlers() {
  auto handlers = HandlersOf<kube::Pod>(&State::pods);
  handlers.on_changed = [this](const kube::Pod& pod) {
    if (pod.job_name.empty()) return;
    Change(pod.job_name, [&pod](Sight& sight) {
      if (sight.pod && sight.pod->meta.uid != pod.meta.uid) return false;
      // Other labels, or the like: no reason to look at its run.
      if (sight.pod == pod) return false;
      sight.pod = pod;
      return true;
    });
  };
  handlers.on_deleted = [this](const kube::Pod& pod) {
    Change(pod.job_name, [&pod](Sight& sight) {
      if (!sight.pod || sight.pod->meta.name != pod.meta.name) return false;
      sight.pod.reset();
      return true;
    });
  };
  return handlers;
}

void ClusterView::Change(const std::string& job_name, const std::function<bool(Sight&)>& change) {
  {
    auto state = state_.Acquire();
    Sight& sight = state->entries[job_name];
    if (sight.job) Unindex(*state, *sight.job);
    const bool is_news = change(sight);
    if (sight.job) Index(*state, *sight.job);
    if (!sight.job && !sight.pod) state->entries.erase(job_name);
    if (!is_news) return;
  }
  // Called under its lock: SetListener promises the end of all calls.
  auto on_job = on_job_.Acquire();
  if (*on_job) (*on_job)(job_name);
}

ClusterView::Sight ClusterView::Look(const std::string& job_name) const {
  auto state = state_.Acquire();
  const auto found = state->entries.find(job_name);
  return found == state->entries.end() ? Sight{} : found->second;
}

bool ClusterView::WaitUntilSynced(std::stop_token stop) {
  auto state = state_.Acquire();
  return listed_.wait(state.Native(), stop,
                      [&] { return state->jobs.synced && state->pods.synced; });
}

bool ClusterView::IsSynced() const {
  auto state = state_.Acquire();
  return state->jobs.synced && state->pods.synced;
}

std::uint64_t ClusterView::Relist() {
  const std::uint64_t relist = [this] {
    auto state = state_.Acquire();
    return ++state->relists;
  }();
  if (relist_) relist_();
  return relist;
}

bool ClusterView::WaitUntilListed(std::uint64_t relist, base::Milliseconds patience,
                                  std::stop_token stop) {
  auto state = state_.Acquire();
  return listed_.wait_for(state.Native(), stop, patience, [&] {
    return std::min(state->jobs.listed_for, state->pods.listed_for) >= relist;
  });
}

std::optional<base::MonotonicTime> ClusterView::LastHeard() const {
  auto state = state_.Acquire();
  // Nothing sorts before every time.
  return std::min(state->jobs.heard, state->pods.heard);
}

std::vector<kube::Job> ClusterView::Jobs() const {
  std::vector<kube::Job> jobs;
  auto state = state_.Acquire();
  for (const auto& [name, sight] : state->entries) {
    if (sight.job) jobs.push_back(*sight.job);
  }
  return jobs;
}

std::vector<kube::Job> ClusterView::UnfinishedJobs() const {
  std::vector<kube::Job> jobs;
  auto state = state_.Acquire();
  for (const std::string& name : state->unfinished) jobs.push_back(*state->entries.at(name).job);
  return jobs;
}

std::vector<kube::Job> ClusterView::FinishedBeyond(std::size_t kept, std::size_t most) const {
  std::vector<kube::Job> jobs;
  auto state = state_.Acquire();
  const std::size_t all = state->finished.size();
  if (all <= kept) return jobs;
  const std::size_t count = std::min(all - kept, most);
  for (auto each = state->finished.begin(); jobs.size() < count; ++each)
    jobs.push_back(*state->entries.at(each->second).job);
  return jobs;
}

void ClusterView::Index(State& state, const kube::Job& job) {
  if (job.meta.deleting) return;
  if (HasEnded(job)) {
    state.finished.emplace(job.ended_at, job.meta.name);
  } else {
    state.unfinished.insert(job.meta.name);
  }
}

void ClusterView::Unindex(State& state, const kube::Job& job) {
  state.unfinished.erase(job.meta.name);
  state.finished.erase({job.ended_at, job.meta.name});
}

}  // namespace oneshot::cluster
