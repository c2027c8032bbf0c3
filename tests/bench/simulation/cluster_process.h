#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>

namespace oneshot::simulation {

/// The simulated cluster in a process of its own, so that neither its memory nor its CPU time is
/// taken for the controller's. Every Job's pod starts at once, says `ready`, and answers a run with
/// one line after `program_time`.
class ClusterProcess {
 public:
  /// Forks: no thread may exist yet.
  explicit ClusterProcess(std::chrono::milliseconds program_time);
  ~ClusterProcess();
  ClusterProcess(const ClusterProcess&) = delete;
  ClusterProcess& operator=(const ClusterProcess&) = delete;

  std::uint16_t Port() const { return port_; }

  /// Ends it; the CPU time it took, to tell who was the bottleneck.
  double StopAndTellCpuSeconds();

 private:
  pid_t process_{-1};
  int lifeline_{-1};  // the child ends when this is closed, whatever becomes of us
  std::uint16_t port_{0};
};

}  // namespace oneshot::simulation
