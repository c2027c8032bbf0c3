#pragma once

#include <chrono>

namespace oneshot::base {

using WallTime = std::chrono::system_clock::time_point;
using MonotonicTime = std::chrono::steady_clock::time_point;
using Milliseconds = std::chrono::milliseconds;

/// Time as a dependency, so that tests decide what it is. Wall time is for people and records,
/// monotonic time for measuring and deadlines. Threads: any.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual WallTime Wall() const = 0;
  virtual MonotonicTime Monotonic() const = 0;
};

class SystemClock final : public Clock {
 public:
  WallTime Wall() const override { return std::chrono::system_clock::now(); }
  MonotonicTime Monotonic() const override { return std::chrono::steady_clock::now(); }
};

/// Whole milliseconds from `start` to `end`, never negative.
inline long long MillisecondsBetween(MonotonicTime start, MonotonicTime end) {
  const auto span = std::chrono::duration_cast<Milliseconds>(end - start).count();
  return span < 0 ? 0 : span;
}

}  // namespace oneshot::base
