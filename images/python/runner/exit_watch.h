/// Learns that a process is about to exit before the kernel takes it apart. Freeing the memory of a
/// Python with pandas takes as long as many programs run; a second seccomp filter hands every
/// exit_group call to the runner first, with the exit code. An optimisation only: whatever does not
/// pass here is seen through SIGCHLD as ever. Source: seccomp_unotify(2). Needs Linux 5.5; where it
/// is refused everything works without.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>

#include "images/python/runner/unique_fd.h"

namespace oneshot::runner {

struct ExitNotice {
  /// For `LetExit`.
  std::uint64_t id;
  /// The thread that calls; its id is the process's when it is the main thread.
  pid_t thread;
  int exit_code;
};

/// Called in the child: from here on its exits, and those of all it starts, wait for `LetExit`. No
/// descriptor where the kernel can't do that.
UniqueFd WatchExits();

/// The next caller; nothing when it has been killed meanwhile. Closes the watch when nobody is left
/// who could call: it would be ready for ever.
std::optional<ExitNotice> ReceiveExit(UniqueFd& watch);

void LetExit(const UniqueFd& watch, const ExitNotice& notice);

}  // namespace oneshot::runner
