#include "images/python/runner/usage.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <sstream>

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

std::int64_t FirstNumber(const std::string& text) {
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
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

Usage::Usage(bool use_cgroup) {
  if (!use_cgroup) return;
  for (const char* v1 :
       {"/sys/fs/cgroup/cpuacct/cpuacct.usage", "/sys/fs/cgroup/cpu,cpuacct/cpuacct.usage"}) {
    if (cgroup_ == Cgroup::kNone && ReadSmallFile(v1)) {
      cgroup_ = Cgroup::kV1;
      cpu_file_ = v1;
    }
  }
  const std::string v2 = "/sys/fs/cgroup/cpu.stat";
  const auto stat = ReadSmallFile(v2);
  if (cgroup_ == Cgroup::kNone && stat && NumberAfter(*stat, "usage_usec")) {
    cgroup_ = Cgroup::kV2;
    cpu_file_ = v2;
  }
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
  if (cgroup_ == Cgroup::kV1) {
    return Nanoseconds(FirstNumber(ReadSmallFile(cpu_file_).value_or(""))) - OwnCpu();
  }
  if (cgroup_ == Cgroup::kV2) {
    const auto used = NumberAfter(ReadSmallFile(cpu_file_).value_or(""), "usage_usec").value_or(0);
    return std::chrono::microseconds(used) - OwnCpu();
  }
  Nanoseconds total = reaped_cpu_;
  for (const pid_t pid : Descendants()) total += CpuOfLiving(pid);
  return total;
}

void Usage::SampleMemory() {
  std::int64_t used = 0;
  if (cgroup_ == Cgroup::kV2) {
    const std::string stat = ReadSmallFile("/sys/fs/cgroup/memory.stat").value_or("");
    used = NumberAfter(stat, "anon").value_or(0) + NumberAfter(stat, "shmem").value_or(0);
  } else if (cgroup_ == Cgroup::kV1) {
    const std::string stat = ReadSmallFile("/sys/fs/cgroup/memory/memory.stat").value_or("");
    used =
        NumberAfter(stat, "total_rss").value_or(0) + NumberAfter(stat, "total_shmem").value_or(0);
  }
  peak_memory_bytes_ = std::max(peak_memory_bytes_, used);
}

bool Usage::HasOutOfMemoryKill() const { return OutOfMemoryKills() > kills_at_begin_; }

std::int64_t Usage::OutOfMemoryKills() const {
  switch (cgroup_) {
    case Cgroup::kV1:
      return NumberAfter(ReadSmallFile("/sys/fs/cgroup/memory/memory.oom_control").value_or(""),
                         "oom_kill")
          .value_or(0);
    case Cgroup::kV2:
      return NumberAfter(ReadSmallFile("/sys/fs/cgroup/memory.events").value_or(""), "oom_kill")
          .value_or(0);
    case Cgroup::kNone:
      break;
  }
  return 0;
}

std::int64_t Usage::Tasks() const {
  const char* file =
      cgroup_ == Cgroup::kV2 ? "/sys/fs/cgroup/pids.current" : "/sys/fs/cgroup/pids/pids.current";
  if (cgroup_ != Cgroup::kNone) {
    if (const auto tasks = ReadSmallFile(file)) return FirstNumber(*tasks) - 1;
  }
  std::int64_t tasks = 0;
  for (const pid_t pid : Descendants()) {
    const auto status = ReadSmallFile("/proc/" + std::to_string(pid) + "/status");
    tasks += status ? NumberAfter(*status, "Threads:").value_or(1) : 0;
  }
  return tasks;
}

}  // namespace oneshot::runner
