#pragma once

#include <string>

#include "controller/kube/client.h"
#include "tests/simulation/process.h"

namespace oneshot::simulation {

/// One controller's calls to the API server: every call takes time and may fail (process.h).
class KubeClient final : public kube::Client {
 public:
  KubeClient(Process& process, Cluster& cluster, std::string owner)
      : process_(process), cluster_(cluster), owner_(std::move(owner)) {}

  base::Result<kube::Job> CreateJob(const std::string& manifest) override;
  base::Result<kube::Job> GetJob(const std::string& name) override;
  base::Result<kube::Pod> GetPod(const std::string& name) override;
  base::Result<kube::Job> PatchJob(const std::string& name, const std::string& patch) override;
  base::Status PatchPod(const std::string& name, const std::string& patch) override;
  base::Status DeleteJob(const std::string& name, const std::string& uid) override;
  base::Result<std::string> ReadLog(const std::string& pod_name, std::size_t limit) override;
  base::Status CreateEvent(const kube::EventNote& event) override;
  base::Result<kube::Lease> GetLease(const std::string& name,
                                     std::chrono::milliseconds timeout) override;
  base::Result<kube::Lease> WriteLease(const std::string& name, const kube::Lease& lease,
                                       std::chrono::milliseconds timeout) override;

 private:
  Process& process_;
  Cluster& cluster_;
  const std::string owner_;
};

}  // namespace oneshot::simulation
