#include "controller/kube/rate_limiter.h"

#include <algorithm>

namespace oneshot::kube {

RateLimiter::RateLimiter(double per_second, int burst)
    : interval_(static_cast<std::chrono::nanoseconds::rep>(1e9 / per_second)),
      capacity_(interval_ * burst) {}

std::chrono::nanoseconds RateLimiter::Reserve(base::MonotonicTime now) {
  const std::lock_guard lock(mutex_);
  empty_until_ = std::max(empty_until_, now - capacity_) + interval_;
  return std::max(empty_until_ - now, std::chrono::nanoseconds::zero());
}

}  // namespace oneshot::kube
