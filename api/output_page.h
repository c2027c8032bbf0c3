#pragma once

#include <cstdint>

namespace oneshot::api {

/// How much output is read from the store at once. A commit of the controller is read as a whole,
/// so that a worker may hold about 1 MiB more for a moment; what a request holds while it waits is
/// less.
inline constexpr std::int64_t kOutputPageBytes = 65'536;

}  // namespace oneshot::api
