#pragma once

#include <cstdint>

#include "core/base/clock.h"

namespace oneshot::pool {

/// How many Jobs of one class should wait.
struct TargetSettings {
  int minimum{0};
  int maximum{0};
  /// How long one refill takes, from its POST to ready: what arrives meanwhile must find Jobs that
  /// are there already.
  std::chrono::duration<double> refill{2.0};
  /// A burst is remembered this long (half-life): long enough for people who run, look and run
  /// again.
  std::chrono::duration<double> memory{60.0};
};

/// Follows the arrivals: up at once, because a burst that finds no Job is felt; down slowly,
/// because waiting Jobs cost little and the next burst resembles the last. Two readings of the same
/// clock decide, so tests need no waiting.
///
/// target = minimum + rate × refill, within [minimum, maximum], where `rate` is the highest arrival
/// rate of late, halved every `memory`. Threads: one at a time.
class PoolTarget {
 public:
  explicit PoolTarget(TargetSettings settings) : settings_(settings) {}

  void OnArrivals(int count, base::MonotonicTime now);
  int Target(base::MonotonicTime now);

 private:
  void Advance(base::MonotonicTime now);

  const TargetSettings settings_;
  /// Arrivals of the last `refill` span, fading out.
  double recent_{0};
  /// The highest recent value of `recent_`, fading slowly.
  double peak_{0};
  base::MonotonicTime as_of_{};
};

}  // namespace oneshot::pool
