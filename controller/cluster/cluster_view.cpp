#include "controller/cluster/cluster_view.h"

#include <utility>

namespace oneshot::cluster {

void ClusterView::SetListener(std::function<void(const std::string&)> on_job) {
  auto current = on_job_.Acquire();
  *current = std::move(on_job);
}

void ClusterView::Tell(const std::string& job_name) {
  // Called under its lock: SetListener promises the end of all calls.
  auto on_job = on_job_.Acquire();
  if (*on_job) (*on_job)(job_name);
}

kube::WatchHandlers<kube::Job> ClusterView::JobHandlers() {
  return {.on_changed =
              [this](const kube::Job& job) {
                {
                  auto state = state_.Acquire();
                  state->entries[job.meta.name].job = job;
                }
                Tell(job.meta.name);
              },
          .on_deleted =
              [this](const kube::Job& job) {
                {
                  auto state = state_.Acquire();
                  const auto found = state->entries.find(job.meta.name);
                  if (found == state->entries.end()) return;
                  Sight& sight = found->second;
                  sight.job.reset();
                  if (!sight.pod) state->entries.erase(found);
                }
                Tell(job.meta.name);
              },
          .on_synced =
              [this] {
                {
                  auto state = state_.Acquire();
                  state->jobs_synced = true;
                }
                synced_.notify_all();
              }};
}

kube::WatchHandlers<kube::Pod> ClusterView::PodHandlers() {
  return {.on_changed =
              [this](const kube::Pod& pod) {
                if (pod.job_name.empty()) return;
                {
                  auto state = state_.Acquire();
                  Sight& sight = state->entries[pod.job_name];
                  if (sight.pod && sight.pod->meta.uid != pod.meta.uid) return;
                  sight.pod = pod;
                }
                Tell(pod.job_name);
              },
          .on_deleted = [this](const kube::Pod& pod) { OnPodDeleted(pod); },
          .on_synced =
              [this] {
                {
                  auto state = state_.Acquire();
                  state->pods_synced = true;
                }
                synced_.notify_all();
              }};
}

void ClusterView::OnPodDeleted(const kube::Pod& pod) {
  {
    auto state = state_.Acquire();
    const auto found = state->entries.find(pod.job_name);
    if (found == state->entries.end()) return;
    Sight& sight = found->second;
    if (!sight.pod || sight.pod->meta.name != pod.meta.name) return;
    sight.pod.reset();
    if (!sight.job) state->entries.erase(found);
  }
  Tell(pod.job_name);
}

ClusterView::Sight ClusterView::Look(const std::string& job_name) const {
  auto state = state_.Acquire();
  const auto found = state->entries.find(job_name);
  return found == state->entries.end() ? Sight{} : found->second;
}

bool ClusterView::WaitUntilSynced(std::stop_token stop) {
  auto state = state_.Acquire();
  return synced_.wait(state.Native(), stop,
                      [&] { return state->jobs_synced && state->pods_synced; });
}

bool ClusterView::IsSynced() const {
  auto state = state_.Acquire();
  return state->jobs_synced && state->pods_synced;
}

std::vector<kube::Job> ClusterView::Jobs() const {
  std::vector<kube::Job> jobs;
  auto state = state_.Acquire();
  for (const auto& [name, sight] : state->entries) {
    if (sight.job) jobs.push_back(*sight.job);
  }
  return jobs;
}

}  // namespace oneshot::cluster
