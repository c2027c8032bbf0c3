#pragma once

#include <cstdint>
#include <vector>

#include "tests/simulation/explore.h"

namespace oneshot::simulation {

/// Plays the schedules of the seeds `first` up to `first + count` in `jobs` processes, and returns
/// those that broke a promise, in no order. Processes instead of threads, because the C and C++
/// libraries count references, lock and allocate without atomic instructions where there is one
/// thread, which is a quarter of a schedule's time; and one that crashes is only a violation more.
std::vector<Violation> PlayInProcesses(std::uint64_t first, std::uint64_t count, int jobs,
                                       const ScheduleSettings& settings);

}  // namespace oneshot::simulation
