#pragma once

namespace oneshot::simulation {

/// Resident memory of this process, now and at most so far.
struct Memory {
  double resident_mib{0};
  double peak_mib{0};
};
Memory OwnMemory();

/// User and system time of this process so far.
double OwnCpuSeconds();

/// Thousands of pods are thousands of sockets, for both ends: as many as the system allows.
void AllowManySockets();

}  // namespace oneshot::simulation
