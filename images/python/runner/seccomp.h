/// The compiler of system call filters: a table of rules becomes classic BPF. A table and a few
/// lines of compiler instead of libseccomp, so that the runner stays static and a test can run the
/// filter. What a program may call is in program_filter.h.
#pragma once

#include <linux/filter.h>

#include <cstdint>
#include <vector>

#include "core/base/result.h"

namespace oneshot::runner {

/// When a rule applies. Arguments are compared by their lower 32 bits, which is all the kernel uses
/// of them in the calls that have conditions.
enum class Condition {
  kAlways,
  /// The argument is the value.
  kEquals,
  /// The argument is not the value.
  kNotEquals,
  /// The argument has one of the value's bits.
  kAnyBit,
};

/// `Rule::error` of a call that is made.
inline constexpr int kAllowed = -1;

struct Rule {
  std::uint32_t call;
  /// The errno that the caller gets. 0: nothing happens and the call returns 0, as if it had.
  int error;
  Condition condition{Condition::kAlways};
  /// Which argument, 0 to 5.
  std::uint32_t argument{0};
  std::uint32_t value{0};
};

struct Policy {
  /// The first one that applies decides.
  std::vector<Rule> rules;
  /// Calls that no rule has decided and that are made.
  std::vector<std::uint32_t> allowed;
  /// All others get ENOSYS from this number on, so that a library does without a call that is too
  /// new for it to rely on, and EPERM below.
  std::uint32_t first_recent;
};

/// A call of another architecture kills.
std::vector<sock_filter> Compile(const Policy& policy);

/// Puts the filter on the calling thread and everything it starts. Needs no_new_privs.
base::Result<void> ApplyFilter(std::vector<sock_filter> filter);

}  // namespace oneshot::runner
