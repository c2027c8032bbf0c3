#include "images/python/runner/sandbox.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include "images/python/runner/exit_watch.h"
#include "images/python/runner/files.h"
#include "images/python/runner/landlock.h"
#include "images/python/runner/program_filter.h"
#include "images/python/runner/seccomp.h"

namespace oneshot::runner {
namespace {

constexpr rlim_t kOpenFiles = 1024;
constexpr rlim_t kStackBytes = 8U << 20;  // as on any Linux; recursion behaves as at home

/// Lowers a limit; a lower one that is already there stays.
void Lower(__rlimit_resource resource, rlim_t value) {
  rlimit limit{};
  if (getrlimit(resource, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max = std::min(value, limit.rlim_max);
  setrlimit(resource, &limit);
}

}  // namespace

base::Result<Sandbox> EnterSandbox(const Options& options, pid_t runner, pid_t runner_group) {
  Lower(RLIMIT_CORE, 0);
  Lower(RLIMIT_NOFILE, kOpenFiles);
  Lower(RLIMIT_STACK, kStackBytes);
  Lower(RLIMIT_MEMLOCK, 0);
  Lower(RLIMIT_MSGQUEUE, 0);

  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return Failure("no_new_privs");

  Sandbox sandbox;
  if (options.sandbox == SandboxPolicy::kRequired || LandlockAbi() > 0) {
    auto first = MakeLandlockRules({options.scratch_dir});
    if (!first) return first.error();
    auto second = MakeLandlockRules({});
    if (!second) return second.error();
    sandbox.landlock_rules = *std::move(second);
    const auto applied = ApplyLandlockRules(*first);
    if (!applied) return applied.error();
  }

  // Before the filter, which allows no further ones.
  sandbox.exit_watch = WatchExits();
  const FilterFacts facts{.runner = runner,
                          .runner_group = runner_group,
                          .has_sealed_memory_files = HasSealedMemoryFiles(),
                          .landlock_covers_truncate = LandlockCoversTruncate()};
  const auto filtered = ApplyFilter(Compile(ProgramPolicy(facts)));
  if (!filtered) {
    if (options.sandbox == SandboxPolicy::kRequired) return filtered.error();
    sandbox.unfiltered = filtered.error().message;
  }
  return sandbox;
}

protocol::Sandbox DescribeSandbox() {
  // user_namespaces(7): the first namespace maps all ids to themselves.
  const std::string everybody = std::to_string(std::numeric_limits<std::uint32_t>::max());
  const auto map = ReadSmallFile("/proc/self/uid_map");
  return {.landlock = LandlockAbi(),
          .seccomp = true,
          .user_namespace = map && map->find(everybody) == std::string::npos};
}

}  // namespace oneshot::runner
