#include "images/python/runner/usage.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <sstream>
#include <utility>

#include "images/python/runner/files.h"
#include "images/python/runner/processes.h"
#include "images/python/runner/unique_fd.h"

namespace oneshot::runner {
namespace {

using Nanoseconds = Usage::Nanoseconds;

Nanoseconds ToNanoseconds(const timeval& time) {
  return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
}

Nanoseconds CpuOf(const rusage& usage) {
  return ToNanoseconds(usage.ru_utime) + ToNanoseconds(usage.ru_stime);
}

/// The runner's own share, which a run does not pay for.
Nanoseconds OwnCpu() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return CpuOf(usage);
}

/// CPU time of a living process, and of the children it has waited for.
Nanoseconds CpuOfLiving(pid_t pid) {
  Nanoseconds total{0};
  clockid_t clock{};
  timespec time{};
  if (clock_getcpuclockid(pid, &clock) == 0 && clock_gettime(clock, &time) == 0) {
    total += std::chrono::seconds(time.tv_sec) + Nanoseconds(time.tv_nsec);
  }
  const auto stat = ReadSmallFile("/proc/" + std::to_string(pid) + "/stat");
  if (!stat) return total;
  std::istringstream fields(stat->substr(stat->rfind(')') + 2));
  std::string skipped;
  for (int i = 3; i < 16; ++i)
    fields >> skipped;  // proc(5): cutime and cstime are fields 16 and 17
  std::int64_t user_ticks = 0;
  std::int64_t system_ticks = 0;
  fields >> user_ticks >> system_ticks;
  return total + std::chrono::seconds(1) * (user_ticks + system_ticks) / sysconf(_SC_CLK_TCK);
}

}  // namespace

Usage::Usage(std::string cgroup) : cgroup_(std::move(cgroup)) {
  if (cgroup_.empty()) return;
  for (const char* file : {"cpuacct/cpuacct.usage", "cpu,cpuacct/cpuacct.usage"}) {
    if (version_ == Version::kNone && !Read(file).empty()) {
      version_ = Version::kV1;
      cpu_file_ = file;
    }
  }
  if (version_ == Version::kNone && NumberAfter(Read("cpu.stat"), "usage_usec")) {
    version_ = Version::kV2;
    cpu_file_ = "cpu.stat";
  }
}

std::string Usage::Read(const std::string& file) const {
  return ReadSmallFile(cgroup_ + "/" + file).value_or("");
}

void Usage::Begin(pid_t interpreter) {
  // Resets the process's own high-water mark (proc(5), clear_refs, value 5): the preload's peak is
  // not the run's.
  const UniqueFd marks(
      open(("/proc/" + std::to_string(interpreter) + "/clear_refs").c_str(), O_WRONLY | O_CLOEXEC));
  [[maybe_unused]] const ssize_t written = write(marks.Get(), "5", 1);
  cpu_at_begin_ = TotalCpu();
  kills_at_begin_ = OutOfMemoryKills();
}

void Usage::AddReaped(const rusage& usage) {
  reaped_cpu_ += CpuOf(usage);
  peak_memory_bytes_ = std::max<std::int64_t>(peak_memory_bytes_, usage.ru_maxrss * 1024);
}

void Usage::AddEnding(pid_t pid) {
  const std::string status = ReadSmallFile("/proc/" + std::to_string(pid) + "/status").value_or("");
  peak_memory_bytes_ =
      std::max(peak_memory_bytes_, NumberAfter(status, "VmHWM:").value_or(0) * 1024);
}

Nanoseconds Usage::Cpu() const { return std::max(Nanoseconds(0), TotalCpu() - cpu_at_begin_); }

Nanoseconds Usage::TotalCpu() const {
  if (version_ == Version::kV1) {
    return Nanoseconds(NumberAfter(Read(cpu_file_), "").value_or(0)) - OwnCpu();
  }
  if (version_ == Version::kV2) {
    const auto used = NumberAfter(Read(cpu_file_), "usage_usec").value_or(0);
    return std::chrono::microseconds(used) - OwnCpu();
  }
  Nanoseconds total = reaped_cpu_;
  for (const pid_t pid : Descendants()) total += CpuOfLiving(pid);
  return total;
}

void Usage::SampleMemory() {
  if (version_ == Version::kNone) return;
  const bool is_v1 = version_ == Version::kV1;
  const std::string stat = Read(is_v1 ? "memory/memory.stat" : "memory.stat");
  const std::int64_t used = NumberAfter(stat, is_v1 ? "total_rss" : "anon").value_or(0) +
                            NumberAfter(stat, is_v1 ? "total_shmem" : "shmem").value_or(0);
  peak_memory_bytes_ = std::max(peak_memory_bytes_, used);
}

bool Usage::HasOutOfMemoryKill() const { return OutOfMemoryKills() > kills_at_begin_; }

std::int64_t Usage::OutOfMemoryKills() const {
  if (version_ == Version::kNone) return 0;
  const bool is_v1 = version_ == Version::kV1;
  return NumberAfter(Read(is_v1 ? "memory/memory.oom_control" : "memory.events"), "oom_kill")
      .value_or(0);
}

std::int64_t Usage::Tasks() const {
  if (version_ != Version::kNone) {
    const auto tasks =
        NumberAfter(Read(version_ == Version::kV2 ? "pids.current" : "pids/pids.current"), "");
    if (tasks) return *tasks - 1;
  }
  std::int64_t tasks = 0;
  for (const pid_t pid : Descendants()) {
    const auto status = ReadSmallFile("/proc/" + std::to_string(pid) + "/status");
    tasks += status ? NumberAfter(*status, "Threads:").value_or(1) : 0;
  }
  return tasks;
}

}  // namespace oneshot::runner
