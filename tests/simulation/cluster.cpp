#include "tests/simulation/cluster.h"

#include <algorithm>
#include <utility>

namespace oneshot::simulation {
namespace {

using base::Error;
using base::ErrorCode;
using kube::ContainerState;
using std::chrono::seconds;

}  // namespace

Milliseconds Cluster::Delay(std::int64_t longest) {
  return Milliseconds(1 + world_.choices.Scaled(Chooser::kCluster, longest));
}

void Cluster::LetControllers(std::function<void()> act) {
  world_.After(Delay(50), [this, act = std::move(act)]() mutable {
    if (controllers_sleep_until_ > world_.now()) {
      asleep_.push_back(std::move(act));
    } else {
      act();
    }
  });
}

void Cluster::WakeControllers() {
  if (controllers_sleep_until_ > world_.now()) return;
  for (auto& act : std::exchange(asleep_, {})) act();
}

Cluster::Job* Cluster::Find(const std::string& job_name) {
  const auto found = jobs_.find(job_name);
  return found == jobs_.end() ? nullptr : &found->second;
}

std::shared_ptr<Cluster::Pod> Cluster::FindPod(const std::string& pod_name) const {
  const auto found = pods_.find(pod_name);
  return found == pods_.end() ? nullptr : found->second;
}

void Cluster::Tell(const kube::Job& job, bool is_deleted) {
  job_changes_.push_back({is_deleted, std::make_shared<const kube::Job>(job)});
  on_change();
}

void Cluster::Tell(const Pod& pod, bool is_deleted) {
  pod_changes_.push_back({is_deleted, std::make_shared<const kube::Pod>(pod.object)});
  on_change();
}

base::Result<kube::Job> Cluster::CreateJob(kube::Job job) {
  const std::string name = job.meta.name;
  if (jobs_.contains(name)) return Error{ErrorCode::kAlreadyExists, name};
  job.meta.uid = "uid-" + std::to_string(++versions_);
  jobs_[name].object = job;
  world_.Note("cluster", "has Job " + name);
  Tell(job);
  LetControllers([this, name] { MakePod(name); });
  return job;
}

void Cluster::MakePod(const std::string& job_name) {
  Job* job = Find(job_name);
  if (job == nullptr || job->pod) return;
  auto pod = std::make_shared<Pod>();
  // As Kubernetes does: a Job that is made again under its name gets a pod of another name.
  const std::string suffix = std::to_string(++versions_);
  pod->object.meta = {.name = job_name + "-p" + suffix, .uid = "uid-" + suffix};
  pod->object.job_name = job_name;
  pod->object.phase = "Pending";
  job->pod = pod;
  pods_[pod->object.meta.name] = pod;
  Tell(*pod);
  world_.After(Delay(50), [this, pod] { Schedule(pod); });
}

void Cluster::Schedule(const std::shared_ptr<Pod>& pod) {
  if (pod->object.meta.deleting) return;
  const int first = static_cast<int>(world_.choices.Below(Chooser::kCluster, kNodes));
  for (int i = 0; i < kNodes && pod->node < 0; ++i) {
    const int node = (first + i) % kNodes;
    if (!IsDead(node)) pod->node = node;
  }
  if (pod->node < 0) {
    world_.After(seconds(1), [this, pod] { Schedule(pod); });
    return;
  }
  pod->object.scheduled = true;
  pod->object.node_name = "node" + std::to_string(pod->node);
  pod->object.container.kind = ContainerState::Kind::kWaiting;
  Tell(*pod);
  world_.After(Milliseconds(50) + Delay(2'000), [this, pod] { StartContainer(pod); });
}

void Cluster::StartContainer(const std::shared_ptr<Pod>& pod) {
  if (pod->runner || pod->object.meta.deleting || IsDead(pod->node)) return;
  std::weak_ptr<Pod> weak = pod;
  pod->runner = std::make_shared<Runner>(
      world_, oracle_, pod->object.meta.name,
      Runner::Handlers{.on_line =
                           [this, weak](std::string line) {
                             if (auto each = weak.lock()) OnLine(*each, std::move(line));
                           },
                       .on_exit =
                           [this, weak](int exit_code, std::string message) {
                             if (auto each = weak.lock()) OnExit(each, exit_code, message);
                           }});
  if (lies_until_ > world_.now() && world_.choices.OneIn(Chooser::kCluster, 2)) {
    pod->runner->Lie();
    oracle_.OnLie(pod->object.job_name);
  }
  pod->runner->Boot();
  world_.After(Delay(500), [this, pod] {
    if (pod->has_exited || IsDead(pod->node)) return;
    pod->object.phase = "Running";
    pod->object.container.kind = ContainerState::Kind::kRunning;
    Tell(*pod);
  });
}

void Cluster::OnLine(Pod& pod, std::string line) {
  if (nodes_[static_cast<std::size_t>(pod.node)].containerd_dead_until > world_.now()) {
    world_.Note("cluster", "containerd of " + pod.object.node_name + " loses a line");
    pod.runner->Forget();
    // The first one it may have read and logged in part.
    if (!pod.is_log_torn && world_.choices.OneIn(Chooser::kCluster, 2)) {
      line.resize(
          static_cast<std::size_t>(world_.choices.Below(Chooser::kCluster, std::ssize(line))));
      pod.log.push_back(std::move(line));
      pod.is_log_torn = true;
    }
    return;
  }
  for (const auto& weak : pod.attaches) {
    if (const auto end = weak.lock()) end->OnLine(line);
  }
  if (std::exchange(pod.is_log_torn, false)) {
    pod.log.back() += line;
  } else {
    pod.log.push_back(std::move(line));
  }
}

void Cluster::OnExit(const std::shared_ptr<Pod>& pod, int exit_code, std::string message) {
  pod->has_exited = true;
  EndAttaches(*pod);
  ContainerState container{.kind = ContainerState::Kind::kTerminated,
                           .reason = exit_code == 0 ? "Completed" : "Error",
                           .message = std::move(message),
                           .exit_code = exit_code};
  world_.After(Delay(500), [this, pod, container] {
    if (!IsDead(pod->node)) EndPod(pod, container);
  });
}

void Cluster::EndPod(const std::shared_ptr<Pod>& pod, ContainerState container) {
  if (!pods_.contains(pod->object.meta.name) || HasEnded(pod->object)) return;
  const bool succeeded = container.exit_code == 0;
  pod->object.phase = succeeded ? "Succeeded" : "Failed";
  pod->object.container = std::move(container);
  Tell(*pod);
  if (pod->object.meta.deleting) {
    world_.After(Delay(50), [this, pod] { RemovePod(pod); });
  }
  LetControllers([this, pod, succeeded] { EndJobOf(pod, succeeded); });
}

void Cluster::EndJobOf(const std::shared_ptr<Pod>& pod, bool succeeded) {
  Job* job = Find(pod->object.job_name);
  if (job == nullptr || job->pod != pod || HasEnded(job->object)) return;
  (succeeded ? job->object.complete : job->object.has_failed) = true;
  Tell(job->object);
  LetAge(job->object.meta.name);
}

void Cluster::LimitAge(const std::string& job_name) {
  Job* job = Find(job_name);
  if (job == nullptr || std::exchange(job->has_limited_age, true)) return;
  LetAge(job_name);
}

void Cluster::LetAge(const std::string& job_name) {
  const Job* job = Find(job_name);
  if (!job->has_limited_age || !HasEnded(job->object)) return;
  world_.After(job_ttl_, [this, job_name, uid = job->object.meta.uid] {
    LetControllers([this, job_name, uid] { (void)DeleteJob(job_name, uid, ""); });
  });
}

base::Result<kube::Job> Cluster::GetJob(const std::string& name) const {
  const auto found = jobs_.find(name);
  if (found == jobs_.end()) return Error{ErrorCode::kNotFound, name};
  return found->second.object;
}

base::Status Cluster::DeleteJob(const std::string& name, const std::string& uid,
                                const std::string& by) {
  Job* job = Find(name);
  if (job == nullptr) return {};
  if (!uid.empty() && job->object.meta.uid != uid) return Error{ErrorCode::kConflict, name};
  world_.Note("cluster",
              "Job " + name + " is deleted by " + (by.empty() ? "its time to live" : by));
  if (!by.empty()) oracle_.OnDelete(name, by);
  const auto pod = job->pod;
  Tell(job->object, /*is_deleted=*/true);
  jobs_.erase(name);
  if (pod) LetControllers([this, pod] { DeletePod(pod); });
  return {};
}

void Cluster::DeletePod(const std::shared_ptr<Pod>& pod) {
  if (!pods_.contains(pod->object.meta.name) || std::exchange(pod->object.meta.deleting, true))
    return;
  Tell(*pod);
  if (pod->node >= 0 && IsDead(pod->node)) return;
  if (pod->runner && pod->runner->IsAlive()) {
    pod->runner->Terminate();
  } else {
    world_.After(Delay(50), [this, pod] { RemovePod(pod); });
  }
}

void Cluster::RemovePod(const std::shared_ptr<Pod>& pod) {
  if (pods_.erase(pod->object.meta.name) == 0) return;
  Tell(*pod, /*is_deleted=*/true);
  LetControllers([this, pod] { EndJobOf(pod, false); });
}

base::Result<kube::Pod> Cluster::GetPod(const std::string& name) const {
  const auto pod = FindPod(name);
  if (!pod) return Error{ErrorCode::kNotFound, name};
  return pod->object;
}

base::Status Cluster::HasPod(const std::string& name) const {
  if (!pods_.contains(name)) return Error{ErrorCode::kNotFound, name};
  return {};
}

base::Result<std::string> Cluster::ReadLog(const std::string& pod_name) const {
  const auto pod = FindPod(pod_name);
  if (!pod) return Error{ErrorCode::kNotFound, pod_name};
  if (!pod->runner || IsDead(pod->node) || logs_hidden_until_ > world_.now())
    return Error{ErrorCode::kUnavailable, "no log"};
  std::string log;
  for (const std::string& line : pod->log) log += line + "\n";
  return log;
}

base::Result<kube::Lease> Cluster::GetLease() const {
  if (!lease_) return Error{ErrorCode::kNotFound, "no Lease"};
  return *lease_;
}

base::Result<kube::Lease> Cluster::WriteLease(const kube::Lease& lease) {
  if (lease_ && lease.resource_version.empty()) return Error{ErrorCode::kAlreadyExists, "Lease"};
  if (lease_ ? lease.resource_version != lease_->resource_version : !lease.resource_version.empty())
    return Error{ErrorCode::kConflict, "Lease"};
  if (!lease_ || lease_->holder != lease.holder)
    world_.Note("cluster", "the Lease is " + (lease.holder.empty() ? "free" : lease.holder + "'s"));
  lease_ = lease;
  lease_->resource_version = std::to_string(++versions_);
  return *lease_;
}

bool Cluster::Attach(const std::string& pod_name, const std::shared_ptr<AttachEnd>& end) {
  const auto pod = FindPod(pod_name);
  if (!pod || !pod->runner || pod->has_exited) return false;
  pod->attaches.push_back(end);
  return true;
}

void Cluster::WriteStdin(const std::string& pod_name, std::string_view line) {
  const auto pod = FindPod(pod_name);
  if (pod && pod->runner && !IsDead(pod->node)) pod->runner->OnLine(line);
}

}  // namespace oneshot::simulation
