#pragma once

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "controller/kube/objects.h"
#include "core/base/result.h"
#include "tests/simulation/runner.h"

namespace oneshot::simulation {

/// An attach as the node has it: what the container says goes to each of them.
class AttachEnd {
 public:
  virtual ~AttachEnd() = default;
  virtual void OnLine(const std::string& line) = 0;
  /// Cut, or ended with the container.
  virtual void OnEnd() = 0;
};

/// One change of one object, as a watch reports it.
template <typename T>
struct Change {
  bool is_deleted{false};
  std::shared_ptr<const T> object;
};

/// The API server with its objects, the controllers behind it (Jobs, garbage, time to live), the
/// scheduler, and nodes with their kubelets and containers. Calls take effect at once; who calls
/// adds the time that it takes.
class Cluster {
 public:
  static constexpr int kNodes = 2;

  Cluster(World& world, Oracle& oracle, Milliseconds job_ttl)
      : world_(world), oracle_(oracle), job_ttl_(job_ttl) {}

  base::Result<kube::Job> CreateJob(kube::Job job);
  base::Result<kube::Job> GetJob(const std::string& name) const;
  base::Status DeleteJob(const std::string& name, const std::string& uid, const std::string& by);
  /// What the controller sets once a run's end is stored; no Job ends by its age before.
  void LimitAge(const std::string& job_name);
  base::Result<kube::Pod> GetPod(const std::string& name) const;
  base::Status HasPod(const std::string& name) const;
  base::Result<std::string> ReadLog(const std::string& pod_name) const;
  base::Result<kube::Lease> GetLease() const;
  base::Result<kube::Lease> WriteLease(const kube::Lease& lease);

  // Watches: every change there ever was, in order, and who wants to be told of new ones.
  const std::vector<Change<kube::Job>>& changes(const kube::Job*) const { return job_changes_; }
  const std::vector<Change<kube::Pod>>& changes(const kube::Pod*) const { return pod_changes_; }
  std::function<void()> on_change;
  std::vector<std::shared_ptr<const kube::Job>> List(const kube::Job*) const;
  std::vector<std::shared_ptr<const kube::Pod>> List(const kube::Pod*) const;

  /// False when there is nobody to attach to.
  bool Attach(const std::string& pod_name, const std::shared_ptr<AttachEnd>& end);
  void WriteStdin(const std::string& pod_name, std::string_view line);

  // Faults.

  void StopJobController(MonotonicTime until);
  void KillNode(int node, MonotonicTime until);
  /// Cuts the attaches of a node; what its containers say until then is lost for everybody.
  void KillContainerd(int node, MonotonicTime until);
  void RotateLogs();
  /// The pods of a node are told to go, as by a drain.
  void Evict(int node);
  /// Containers that start meanwhile may have a runner that does not keep to the protocol.
  void LetRunnersLie(MonotonicTime until) { lies_until_ = until; }
  void HideLogs(MonotonicTime until) { logs_hidden_until_ = until; }
  void CutAttaches();
  /// All nodes and controllers work from now on.
  void Heal();

  /// Jobs that work or wait, by name.
  std::vector<std::string> LivingJobs() const;

 private:
  struct Pod {
    kube::Pod object;
    int node{-1};
    std::shared_ptr<Runner> runner;
    bool has_exited{false};
    std::vector<std::string> log;
    /// The last line has no end.
    bool is_log_torn{false};
    std::vector<std::weak_ptr<AttachEnd>> attaches;
  };
  struct Job {
    kube::Job object;
    std::shared_ptr<Pod> pod;
    bool has_limited_age{false};
  };
  struct Node {
    bool is_dead{false};
    MonotonicTime containerd_dead_until{};
  };

  void Tell(const kube::Job& job, bool is_deleted = false);
  void Tell(const Pod& pod, bool is_deleted = false);
  /// The controllers behind the API server come to `act` when they do not sleep.
  void LetControllers(std::function<void()> act);
  void WakeControllers();
  Milliseconds Delay(std::int64_t longest);
  Job* Find(const std::string& job_name);
  std::shared_ptr<Pod> FindPod(const std::string& pod_name) const;
  void MakePod(const std::string& job_name);
  void Schedule(const std::shared_ptr<Pod>& pod);
  void StartContainer(const std::shared_ptr<Pod>& pod);
  void OnLine(Pod& pod, std::string line);
  void OnExit(const std::shared_ptr<Pod>& pod, int exit_code, std::string message);
  /// The kubelet, or who cleans up after it, says that the pod has ended.
  void EndPod(const std::shared_ptr<Pod>& pod, kube::ContainerState container);
  void EndJobOf(const std::shared_ptr<Pod>& pod, bool succeeded);
  void LetAge(const std::string& job_name);
  void DeletePod(const std::shared_ptr<Pod>& pod);
  void RemovePod(const std::shared_ptr<Pod>& pod);
  void ReviveNode(int node);
  void EndAttaches(Pod& pod);
  bool IsDead(int node) const { return nodes_[static_cast<std::size_t>(node)].is_dead; }

  World& world_;
  Oracle& oracle_;
  const Milliseconds job_ttl_;
  std::map<std::string, Job> jobs_;
  /// Pods that exist, by name; some outlive their Jobs.
  std::map<std::string, std::shared_ptr<Pod>> pods_;
  std::vector<Change<kube::Job>> job_changes_;
  std::vector<Change<kube::Pod>> pod_changes_;
  std::optional<kube::Lease> lease_;
  int versions_{0};
  std::array<Node, kNodes> nodes_;
  MonotonicTime controllers_sleep_until_{};
  /// What waits for them.
  std::vector<std::function<void()>> asleep_;
  MonotonicTime logs_hidden_until_{};
  MonotonicTime lies_until_{};
};

}  // namespace oneshot::simulation
