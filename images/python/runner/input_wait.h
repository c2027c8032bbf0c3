#pragma once

#include <sys/types.h>

namespace oneshot::runner {

/// Whether a thread of the process stands in a read of its standard input. False where the kernel
/// does not tell. Of other ways to wait for input, as select, nothing is known.
bool IsReadingStdin(pid_t pid);

/// Whether a pipe holds nothing to be read.
bool IsPipeEmpty(int fd);

}  // namespace oneshot::runner
