/// What a program may ask of the kernel: a list of what Python and the image's packages use. Lies
/// inside the container runtime's default filter.
#pragma once

#include <sys/types.h>

#include "images/python/runner/seccomp.h"

namespace oneshot::runner {

/// What the filter depends on besides the table.
struct FilterFacts {
  /// The runner, whose user id the program has, and its process group: out of reach of signals.
  pid_t runner;
  pid_t runner_group;
  /// Memory files can be made that are never executable (Linux 6.3). Then only those are made.
  bool has_sealed_memory_files;
  /// Landlock refuses truncate() (ABI 3). Otherwise the filter does.
  bool landlock_covers_truncate;
};

/// Whether the kernel makes memory files that are never executable.
bool HasSealedMemoryFiles();

Policy ProgramPolicy(const FilterFacts& facts);

}  // namespace oneshot::runner
