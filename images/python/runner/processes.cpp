#include "images/python/runner/processes.h"

#include <dirent.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <unordered_set>
#include <utility>

#include "images/python/runner/files.h"

namespace oneshot::runner {
namespace {

struct Process {
  pid_t pid;
  pid_t parent;
  bool is_alive;
};

std::vector<Process> AllProcesses() {
  std::vector<Process> processes;
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(opendir("/proc"), closedir);
  if (!directory) return processes;
  while (const dirent* entry = readdir(directory.get())) {
    const auto pid = static_cast<pid_t>(std::atoi(entry->d_name));
    if (pid <= 0) continue;
    const auto stat = ReadSmallFile("/proc/" + std::string(entry->d_name) + "/stat");
    if (!stat) continue;
    // pid (name) state ppid: the name may hold anything, so what follows is found from its last
    // parenthesis.
    const auto name_end = stat->rfind(')');
    if (name_end == std::string::npos || name_end + 4 >= stat->size()) continue;
    const char state = (*stat)[name_end + 2];
    const auto parent = static_cast<pid_t>(std::atoi(stat->c_str() + name_end + 4));
    processes.push_back({pid, parent, state != 'Z' && state != 'X'});
  }
  return processes;
}

}  // namespace

void AdoptOrphans() { prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); }

std::vector<pid_t> Descendants() {
  const std::vector<Process> processes = AllProcesses();
  std::unordered_set<pid_t> family{getpid()};
  // Parents may be listed after their children (pids wrap around), hence as many rounds as
  // generations.
  for (std::size_t size = 0; size != family.size();) {
    size = family.size();
    for (const Process& process : processes) {
      if (family.contains(process.parent)) family.insert(process.pid);
    }
  }
  std::vector<pid_t> descendants;
  for (const Process& process : processes) {
    if (process.is_alive && process.pid != getpid() && family.contains(process.pid)) {
      descendants.push_back(process.pid);
    }
  }
  return descendants;
}

void KillDescendants() {
  if (getpid() == 1) {
    kill(-1, SIGKILL);  // atomic: a process that is forking at this moment takes the signal along
    return;
  }
  // Children are born while we look; a bomb outside a PID namespace may outrun us.
  constexpr int kRounds = 100;
  for (int round = 0; round < kRounds; ++round) {
    const std::vector<pid_t> descendants = Descendants();
    if (descendants.empty()) return;
    for (const pid_t pid : descendants) kill(pid, SIGKILL);
  }
}

}  // namespace oneshot::runner
