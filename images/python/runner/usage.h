/// What a run consumes. The container's cgroup knows it exactly, grandchildren that nobody waited
/// for included; without one (tests, gVisor) the runner adds up what /proc and wait4 tell.
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <string>

namespace oneshot::runner {

class Usage {
 public:
  using Nanoseconds = std::chrono::nanoseconds;

  /// `cgroup`: where a cgroup is mounted that holds the runner and its run and nothing else; empty
  /// for none.
  explicit Usage(std::string cgroup);

  /// The program begins now: what was used before is not its own.
  void Begin(pid_t interpreter);

  /// A process of the run was reaped.
  void AddReaped(const rusage& usage);

  /// A process of the run is about to end and will not be reaped in time.
  void AddEnding(pid_t pid);

  /// CPU time since `Begin`, of all processes of the run.
  Nanoseconds Cpu() const;

  /// Notes the present memory use for `PeakMemoryBytes`.
  void SampleMemory();

  /// The highest of the largest process's resident memory and of the samples of all together; page
  /// cache excluded.
  std::int64_t PeakMemoryBytes() const { return peak_memory_bytes_; }

  /// Whether the kernel killed a process of this cgroup for memory since `Begin`.
  bool HasOutOfMemoryKill() const;

  /// Processes and threads alive, the runner excluded.
  std::int64_t Tasks() const;

 private:
  enum class Version { kNone, kV1, kV2 };

  /// A file of the cgroup; empty when it can't be read.
  std::string Read(const std::string& file) const;
  Nanoseconds TotalCpu() const;
  std::int64_t OutOfMemoryKills() const;

  std::string cgroup_;
  Version version_{Version::kNone};
  std::string cpu_file_;
  Nanoseconds reaped_cpu_{0};
  Nanoseconds cpu_at_begin_{0};
  std::int64_t kills_at_begin_{0};
  std::int64_t peak_memory_bytes_{0};
};

}  // namespace oneshot::runner
