/// Everything the interpreter's process gives up before Python starts, in the one order that works.
#pragma once

#include <sys/types.h>

#include "core/base/result.h"
#include "images/python/runner/options.h"
#include "images/python/runner/unique_fd.h"

namespace oneshot::runner {

/// Called in the child between fork and exec: resource limits, no_new_privs, Landlock (only the
/// scratch directory still writable, until the request decides), seccomp. Returns the Landlock
/// rules without the scratch directory, for the bootstrap to apply; no descriptor where the kernel
/// has no Landlock and the policy allows that. Errors: kUnavailable - a layer is missing that the
/// policy requires.
base::Result<UniqueFd> EnterSandbox(const Options& options, pid_t runner, pid_t runner_group);

}  // namespace oneshot::runner
