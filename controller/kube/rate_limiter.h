#pragma once

#include <chrono>
#include <mutex>
#include <stop_token>

#include "core/base/clock.h"

namespace oneshot::kube {

/// Token bucket: `burst` calls at once, then `per_second`. Callers are served in the order they
/// came. Threads: any.
class RateLimiter {
 public:
  RateLimiter(double per_second, int burst);

  /// How long a call that comes at `now` has to wait; its token is taken either way.
  std::chrono::nanoseconds Reserve(base::MonotonicTime now);

 private:
  const std::chrono::nanoseconds interval_;  // fixed: time in which one token grows
  const std::chrono::nanoseconds capacity_;  // fixed: time in which the bucket fills
  std::mutex mutex_;
  // guarded: the bucket's level, told as the time it was last empty; monotonic time may be young
  base::MonotonicTime empty_until_{base::MonotonicTime::min()};
};

}  // namespace oneshot::kube
