#pragma once

#include <algorithm>
#include <chrono>
#include <mutex>

#include "core/base/clock.h"

namespace oneshot::kube {

/// Token bucket: `burst` calls at once, then `per_second`. Callers are served in the order they
/// came. Threads: any.
class RateLimiter {
 public:
  RateLimiter(double per_second, int burst)
      : interval_(static_cast<std::chrono::nanoseconds::rep>(1e9 / per_second)),
        capacity_(interval_ * burst) {}

  /// How long a call that comes at `now` has to wait; its token is taken either way.
  std::chrono::nanoseconds Reserve(base::MonotonicTime now) {
    const std::lock_guard lock(mutex_);
    empty_until_ = std::max(empty_until_, now - capacity_) + interval_;
    return std::max(empty_until_ - now, std::chrono::nanoseconds::zero());
  }

 private:
  /// The time in which one token grows.
  const std::chrono::nanoseconds interval_;
  /// The time in which the bucket fills.
  const std::chrono::nanoseconds capacity_;
  std::mutex mutex_;
  // guarded: the bucket's level, told as the time it was last empty; monotonic time may be young
  base::MonotonicTime empty_until_{base::MonotonicTime::min()};
};

}  // namespace oneshot::kube
