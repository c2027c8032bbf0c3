/// Messages over a UNIX socket that carry a descriptor.
#pragma once

#include <sys/types.h>

#include <span>

#include "images/python/runner/unique_fd.h"

namespace oneshot::runner {

/// Sends `text` with a descriptor. Never blocks for long: the socket is one whose reader reads.
/// False when the kernel refuses, with errno: it does when too many descriptors of this user are on
/// their way (ETOOMANYREFS).
bool SendWithDescriptor(int socket, std::span<char> text, int descriptor);

/// Like recv without blocking. A descriptor that comes along goes to `descriptor`; the kernel drops
/// any further ones.
ssize_t ReceiveWithDescriptor(int socket, std::span<char> text, UniqueFd& descriptor);

}  // namespace oneshot::runner
