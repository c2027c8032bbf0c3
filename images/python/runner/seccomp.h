/// The system call filter around every program: a table of what is refused, compiled to classic
/// BPF. Lies inside the container runtime's default filter and closes what that leaves open:
/// networks, other processes, kernel attack surface that Python has no use for. A table and forty
/// lines of compiler instead of libseccomp, so that the runner stays static and a test can run the
/// filter.
#pragma once

#include <linux/filter.h>
#include <sys/types.h>

#include <cstdint>
#include <vector>

#include "core/base/result.h"

namespace oneshot::runner {

/// When a rule refuses a call. Arguments are compared by their lower 32 bits, which is all the
/// kernel uses of them in the calls listed.
enum class Condition {
  kAlways,
  /// The argument is the value.
  kEquals,
  /// The argument is not the value.
  kNotEquals,
  /// The argument has one of the value's bits.
  kAnyBit,
};

struct Rule {
  std::uint32_t call;
  /// The errno that the caller gets.
  int error;
  Condition condition{Condition::kAlways};
  /// Which argument, 0 to 5.
  std::uint32_t argument{0};
  std::uint32_t value{0};
};

/// What a program may not do. `runner` and its process group are out of reach of its signals.
std::vector<Rule> ProgramRules(pid_t runner, pid_t runner_group);

/// A filter that refuses what `rules` say and allows everything else. A call of another
/// architecture kills.
std::vector<sock_filter> Compile(const std::vector<Rule>& rules);

/// Puts the filter on the calling thread and everything it starts. Needs no_new_privs.
base::Result<void> ApplyFilter(std::vector<sock_filter> filter);

}  // namespace oneshot::runner
