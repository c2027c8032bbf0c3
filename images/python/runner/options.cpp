#include "images/python/runner/options.h"

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <system_error>
#include <utility>

namespace oneshot::runner {
namespace {

/// Name and default of what the program sees. The image may set another value.
/// One thread for the numeric libraries: a run has one core by default, and threads started while
/// preloading would not be under the second Landlock layer.
constexpr std::array<std::pair<const char*, const char*>, 9> kProgramDefaults = {{
    {"PATH", "/usr/local/bin:/usr/bin:/bin"},
    {"LANG", "C.UTF-8"},
    {"MPLBACKEND", "agg"},
    {"OPENBLAS_NUM_THREADS", "1"},
    {"OMP_NUM_THREADS", "1"},
    {"MKL_NUM_THREADS", "1"},
    {"NUMEXPR_NUM_THREADS", "1"},
    {"TZ", nullptr},
    {"MPLCONFIGDIR", nullptr},
}};

}  // namespace

Options OptionsFrom(const EnvironmentLookup& lookup, bool is_pid_1) {
  Options options;
  const auto take = [&lookup](const char* name, std::string& value) {
    if (const char* set = lookup(name)) value = set;
  };
  take("ONESHOT_PYTHON", options.python);
  take("ONESHOT_BOOTSTRAP_DIR", options.bootstrap_dir);
  take("ONESHOT_CODE_DIR", options.code_dir);
  take("ONESHOT_SCRATCH_DIR", options.scratch_dir);
  take("ONESHOT_PRELOAD", options.preload);
  take("ONESHOT_SNAPSHOT", options.snapshot);
  take("ONESHOT_RESTORER", options.restorer);
  std::string timeout;
  take("ONESHOT_RESTORE_TIMEOUT_MS", timeout);
  std::int32_t ms = 0;
  const char* end = timeout.data() + timeout.size();
  // Anything but a number changes nothing.
  if (const auto read = std::from_chars(timeout.data(), end, ms);
      read.ec == std::errc() && read.ptr == end && ms > 0)
    options.restore_timeout = std::chrono::milliseconds(ms);
  take("ONESHOT_TERMINATION_LOG", options.termination_log);

  std::string sandbox;
  take("ONESHOT_SANDBOX", sandbox);
  if (sandbox == "best_effort") options.sandbox = SandboxPolicy::kBestEffort;
  if (is_pid_1) options.cgroup = "/sys/fs/cgroup";
  take("ONESHOT_CGROUP", options.cgroup);
  if (options.cgroup == "none") options.cgroup.clear();

  for (const auto& [name, fallback] : kProgramDefaults) {
    const char* set = lookup(name);
    const char* value = set != nullptr ? set : fallback;
    if (value != nullptr) options.program_environment.push_back(std::string(name) + "=" + value);
  }
  options.program_environment.push_back("HOME=" + options.code_dir);
  options.program_environment.push_back("PWD=" + options.code_dir);
  return options;
}

}  // namespace oneshot::runner
