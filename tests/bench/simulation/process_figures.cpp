#include "tests/bench/simulation/process_figures.h"

#include <sys/resource.h>

#include <fstream>
#include <string>

namespace oneshot::simulation {

Memory OwnMemory() {
  Memory memory;
  std::ifstream status("/proc/self/status");
  for (std::string key; status >> key;) {
    double kib = 0;
    if (key == "VmRSS:" && status >> kib) memory.resident_mib = kib / 1024;
    if (key == "VmHWM:" && status >> kib) memory.peak_mib = kib / 1024;
  }
  return memory;
}

double OwnCpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

void AllowManySockets() {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
}

}  // namespace oneshot::simulation
