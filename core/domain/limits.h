#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/domain/fault.h"

namespace oneshot::domain {

/// What one run may use. The runner enforces time and output, the container's cgroup memory and
/// CPU.
struct Limits {
  std::int64_t wall_ms{10'000};
  std::int64_t cpu_ms{10'000};
  std::int64_t memory_mib{256};
  // Kept of stdout and stderr together; more is counted and dropped.
  std::int64_t output_bytes{1'048'576};
  // 0: nothing is writable.
  std::int64_t scratch_mib{0};

  bool operator==(const Limits&) const = default;
};

/// What the operator allows: the limits of a run that asks for none, and the most that a run may
/// ask for. The smallest values are in limits.cpp, with their reasons.
struct LimitPolicy {
  Limits defaults;
  Limits maxima{.wall_ms = 60'000,
                .cpu_ms = 60'000,
                .memory_mib = 1024,
                .output_bytes = 8'388'608,
                // Container runtimes make /dev/shm this large.
                .scratch_mib = 64};
  std::int64_t source_bytes{262'144};
  /// Also of what follows while a run is active.
  std::int64_t stdin_bytes{262'144};
  /// For how long a run may wait for input in all, which its wall time does not count.
  std::int64_t stdin_idle_ms{120'000};
  // The number of args, and the bytes of all together.
  std::int64_t args{64};
  std::int64_t args_bytes{16'384};
  // The number of files, and the bytes of all together.
  std::int64_t files{100};
  std::int64_t file_bytes{8'388'608};
  std::int64_t processes{64};
  std::int64_t display_bytes{4'194'304};
  /// Of all files that come back from a program.
  std::int64_t output_file_bytes{8'388'608};
};

/// Every limit outside its range, by its JSON pointer in a submission.
std::vector<Fault> CheckLimits(const Limits& limits, const LimitPolicy& policy);

}  // namespace oneshot::domain
