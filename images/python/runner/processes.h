/// The processes that belong to a run: everything that descends from the runner. As PID 1 of a
/// container that is everybody else; elsewhere (tests) it is found by walking /proc, so that
/// nothing foreign is ever touched.
#pragma once

#include <sys/types.h>

#include <vector>

namespace oneshot::runner {

/// Makes orphans of the run come to the runner, as they come to any PID 1.
void AdoptOrphans();

/// Living descendants, zombies excluded; in no order.
std::vector<pid_t> Descendants();

/// Sends SIGKILL to every descendant, until none is left alive that a repetition could reach.
void KillDescendants();

}  // namespace oneshot::runner
