#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace oneshot::base {

/// `size` bytes from the kernel's generator (getrandom(2)). Ends the process if the kernel has none
/// to give.
std::string RandomBytes(std::size_t size);

/// A value in [0, 1) for jitter; not for secrets. Threads: any.
double RandomFraction();

}  // namespace oneshot::base
