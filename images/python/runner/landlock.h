/// Landlock, the kernel's sandbox for unprivileged processes: from here on nothing outside a few
/// devices can be written, created, renamed or removed, whatever the file system's own rights say.
/// Layers stack and only narrow. Source: kernel documentation, userspace-api/landlock.rst; the
/// rights per ABI version come from there.
#pragma once

#include <string>
#include <vector>

#include "core/base/result.h"
#include "images/python/runner/unique_fd.h"

namespace oneshot::runner {

/// The kernel's Landlock version, 0 when there is none.
int LandlockAbi();

/// Whether truncate() of a file by its name is refused as well (ABI 3, Linux 6.2).
bool LandlockCoversTruncate();

/// A rule set, not applied yet: /dev/null, /dev/zero, /dev/full and /dev/tty may be written; below
/// `writable_directories` everything is allowed but device files. From ABI 4 no TCP, from ABI 6 no
/// signals to and no abstract sockets of processes outside. Errors: kUnavailable - no Landlock
/// here.
base::Result<UniqueFd> MakeLandlockRules(const std::vector<std::string>& writable_directories);

/// Applies rules to the calling thread and everything it starts. Needs no_new_privs.
base::Result<void> ApplyLandlockRules(const UniqueFd& rules);

}  // namespace oneshot::runner
