/// What the image or a test may set about the runner, read once from its environment. A run's own
/// limits come with its request instead.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace oneshot::runner {

/// What to do on a kernel without Landlock (gVisor has none).
enum class SandboxPolicy {
  /// Refuse to run anything.
  kRequired,
  /// Run with the layers that are there.
  kBestEffort,
};

struct Options {
  /// ONESHOT_PYTHON.
  std::string python{"python3"};
  /// ONESHOT_BOOTSTRAP_DIR, holds sitecustomize.py
  std::string bootstrap_dir{"/usr/local/lib/oneshot"};
  /// ONESHOT_CODE_DIR, working directory, holds main.py.
  std::string code_dir{"/code"};
  /// ONESHOT_SCRATCH_DIR.
  std::string scratch_dir{"/dev/shm"};
  /// ONESHOT_PRELOAD, modules with commas between, for a start without a snapshot.
  std::string preload;
  /// ONESHOT_SNAPSHOT, a file of images/python/snapshot; empty, every start is without.
  std::string snapshot;
  /// ONESHOT_RESTORER, the program that turns itself into what the snapshot holds.
  std::string restorer{"/usr/local/bin/oneshot-restore"};
  /// ONESHOT_RESTORE_TIMEOUT_MS. How long a snapshot may take to come from the disk and become
  /// ready, before a plain start; it takes milliseconds when it is in the page cache.
  std::chrono::milliseconds restore_timeout{10'000};
  /// ONESHOT_TERMINATION_LOG.
  std::string termination_log{"/dev/termination-log"};
  /// ONESHOT_SANDBOX=required|best_effort.
  SandboxPolicy sandbox{SandboxPolicy::kRequired};

  /// ONESHOT_CGROUP, a mounted cgroup that holds the runner and its run and nothing else; "none"
  /// means none. Not set, it is the container's when we are PID 1.
  std::string cgroup;

  /// The program's environment, "NAME=value"; nothing of the pod's leaks into it.
  std::vector<std::string> program_environment;
};

using EnvironmentLookup = std::function<const char*(const char* name)>;

Options OptionsFrom(const EnvironmentLookup& lookup, bool is_pid_1);

}  // namespace oneshot::runner
