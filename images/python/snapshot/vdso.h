#pragma once

#include <cstdint>

namespace oneshot::snapshot {

/// Where the function `name` of the vDSO at `image` lies; 0 where it has no such function.
std::uint64_t VdsoFunction(std::uint64_t image, const char* name);

}  // namespace oneshot::snapshot
