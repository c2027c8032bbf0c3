/// Everything the interpreter's process gives up before Python starts, in the one order that works.
#pragma once

#include <sys/types.h>

#include <string>

#include "core/base/result.h"
#include "core/protocol/messages.h"
#include "images/python/runner/options.h"
#include "images/python/runner/unique_fd.h"

namespace oneshot::runner {

/// What the sandbox leaves in the hands of the one who enters it.
struct Sandbox {
  /// Landlock rules without the scratch directory, for the bootstrap to apply. None where the
  /// kernel has no Landlock and the policy allows that.
  UniqueFd landlock_rules;
  /// See exit_watch.h. None where the kernel can't.
  UniqueFd exit_watch;
  /// Why there is no filter, where the policy allows that; empty when there is one.
  std::string unfiltered;
};

/// Called in the child between fork and exec: resource limits, no_new_privs, Landlock (only the
/// scratch directory still writable, until the request decides), seccomp. Errors: kUnavailable - a
/// layer is missing that the policy requires.
base::Result<Sandbox> EnterSandbox(const Options& options, pid_t runner, pid_t runner_group);

/// What holds a program that has entered it completely, as the run's record tells it.
protocol::Sandbox DescribeSandbox();

}  // namespace oneshot::runner
