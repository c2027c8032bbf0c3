#include <utility>

#include "tests/simulation/cluster.h"

namespace oneshot::simulation {
namespace {

using kube::ContainerState;
using std::chrono::seconds;

// From a node's last word until its pods are taken away; minutes in real clusters.
constexpr auto kNodePatience = seconds(50);

}  // namespace

std::vector<std::shared_ptr<const kube::Job>> Cluster::List(const kube::Job*) const {
  std::vector<std::shared_ptr<const kube::Job>> list;
  for (const auto& [name, job] : jobs_) list.push_back(std::make_shared<kube::Job>(job.object));
  return list;
}

std::vector<std::shared_ptr<const kube::Pod>> Cluster::List(const kube::Pod*) const {
  std::vector<std::shared_ptr<const kube::Pod>> list;
  for (const auto& [name, pod] : pods_) list.push_back(std::make_shared<kube::Pod>(pod->object));
  return list;
}

void Cluster::EndAttaches(Pod& pod) {
  for (const auto& weak : std::exchange(pod.attaches, {})) {
    if (const auto end = weak.lock()) end->OnEnd();
  }
}

void Cluster::StopJobController(MonotonicTime until) {
  world_.Note("fault", "the Job controller sleeps");
  controllers_sleep_until_ = std::max(controllers_sleep_until_, until);
  world_.At(until, [this] { WakeControllers(); });
}

void Cluster::KillNode(int node, MonotonicTime until) {
  if (IsDead(node)) return;
  world_.Note("fault", "node" + std::to_string(node) + " dies");
  nodes_[static_cast<std::size_t>(node)].is_dead = true;
  oracle_.OnPodLoss();
  for (const auto& [name, pod] : pods_) {
    if (pod->node != node || !pod->runner) continue;
    pod->runner->Die();
    pod->has_exited = true;
    // Nobody is left to end the attaches; they fall silent.
    for (const auto& weak : std::exchange(pod->attaches, {})) {
      if (const auto end = weak.lock()) world_.After(seconds(60), [end] { end->OnEnd(); });
    }
  }
  world_.At(until, [this, node] { ReviveNode(node); });
  world_.After(kNodePatience, [this, node] {
    if (!IsDead(node)) return;
    for (const auto& [name, pod] : std::map(pods_)) {
      if (pod->node != node || pod->object.meta.deleting) continue;
      pod->object.meta.deleting = true;
      pod->object.disruption_reason = "DeletionByTaintManager";
      Tell(*pod);
      world_.After(Delay(5'000), [this, each = pod] { RemovePod(each); });
    }
  });
}

void Cluster::ReviveNode(int node) {
  if (!std::exchange(nodes_[static_cast<std::size_t>(node)].is_dead, false)) return;
  world_.Note("cluster", "node" + std::to_string(node) + " is back");
  for (const auto& [name, pod] : std::map(pods_)) {
    if (pod->node != node) continue;
    if (!pod->runner) {
      if (pod->object.meta.deleting) {
        RemovePod(pod);
      } else {
        StartContainer(pod);
      }
      continue;
    }
    if (!HasEnded(pod->object)) {
      EndPod(pod,
             {.kind = ContainerState::Kind::kTerminated, .reason = "Unknown", .exit_code = 255});
    } else if (pod->object.meta.deleting) {
      RemovePod(pod);
    }
  }
}

void Cluster::KillContainerd(int node, MonotonicTime until) {
  world_.Note("fault", "containerd of node" + std::to_string(node) + " is killed");
  nodes_[static_cast<std::size_t>(node)].containerd_dead_until = until;
  for (const auto& [name, pod] : pods_) {
    if (pod->node == node) EndAttaches(*pod);
  }
}

void Cluster::RotateLogs() {
  world_.Note("fault", "logs are rotated");
  for (const auto& [name, pod] : pods_) {
    pod->log.clear();
    pod->is_log_torn = false;
    if (pod->runner) pod->runner->Forget();
  }
}

void Cluster::Evict(int node) {
  world_.Note("fault", "the pods of node" + std::to_string(node) + " are evicted");
  oracle_.OnPodLoss();
  for (const auto& [name, pod] : std::map(pods_)) {
    if (pod->node != node) continue;
    // Its log goes with it.
    if (pod->runner) pod->runner->Excuse();
    DeletePod(pod);
  }
}

void Cluster::CutAttaches() {
  world_.Note("fault", "attaches are cut");
  for (const auto& [name, pod] : pods_) EndAttaches(*pod);
}

void Cluster::Heal() {
  controllers_sleep_until_ = {};
  WakeControllers();
  logs_hidden_until_ = {};
  lies_until_ = {};
  for (int i = 0; i < kNodes; ++i) {
    Node& node = nodes_[static_cast<std::size_t>(i)];
    node.containerd_dead_until = {};
    ReviveNode(i);
  }
}

std::vector<std::string> Cluster::LivingJobs() const {
  std::vector<std::string> names;
  for (const auto& [name, job] : jobs_) {
    if (!HasEnded(job.object)) names.push_back(name);
  }
  return names;
}

}  // namespace oneshot::simulation
