#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tests/simulation/schedule.h"

namespace oneshot::simulation {

/// The invariant that a schedule breaks in which the program crashes.
inline constexpr std::string_view kCrash = "crash";

struct Violation {
  std::uint64_t seed{0};
  std::string invariant;
  std::string detail;
  /// The shrunk schedule, for people; empty when it was not asked for.
  std::string schedule;
};

struct Exploration {
  std::uint64_t schedules{0};
  double seconds{0};
  /// How many schedules broke each invariant.
  std::map<std::string, std::uint64_t> counts;
  /// The first of each invariant, by seed.
  std::vector<Violation> firsts;
};

/// Plays the schedules of the seeds `first` up to `first + count` in `jobs` processes.
Exploration Explore(std::uint64_t first, std::uint64_t count, int jobs,
                    const ScheduleSettings& settings);

/// The same failure with as few faults and delays as can be found: a schedule to read.
Violation Shrink(std::uint64_t seed, const ScheduleSettings& settings);

/// Everything that happens in the schedule of `seed`.
ScheduleResult Replay(std::uint64_t seed, const ScheduleSettings& settings);

std::string ToJson(const Exploration& exploration);

}  // namespace oneshot::simulation
