#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace oneshot::base {

/// `size` bytes, at most 256, from the kernel's generator (getentropy(3)). Ends the process if the
/// kernel has none to give.
std::string RandomBytes(std::size_t size);

/// A value in [0, 1) for jitter; not for secrets. Threads: any.
double RandomFraction();

}  // namespace oneshot::base
