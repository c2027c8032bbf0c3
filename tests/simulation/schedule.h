#pragma once

#include <cstdint>
#include <string>

#include "tests/simulation/controller.h"

namespace oneshot::simulation {

/// What may be in a schedule.
struct ScheduleSettings {
  FaultSet faults{FaultSet::All()};
  /// Only this invariant counts; empty: all.
  std::string only_invariant;
};

struct ScheduleResult {
  /// Empty: every promise was kept.
  std::string invariant;
  std::string detail;
  /// What happened, when it was asked for.
  std::string notes;
  /// The choices that were not calm.
  std::vector<Choices::Place> choices;
};

/// Plays the schedule of `seed`: a few runs, a few faults, then calm until everything is quiet; and
/// looks whether every promise was kept.
ScheduleResult PlaySchedule(std::uint64_t seed, const ScheduleSettings& settings,
                            const Choices::Places& calmed, bool is_traced, Equipment& equipment);

}  // namespace oneshot::simulation
