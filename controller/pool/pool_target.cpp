#include "controller/pool/pool_target.h"

#include <algorithm>
#include <cmath>

namespace oneshot::pool {

void PoolTarget::Advance(base::MonotonicTime now) {
  if (as_of_ != base::MonotonicTime{} && now > as_of_) {
    const std::chrono::duration<double> passed = now - as_of_;
    recent_ *= std::exp(-passed / settings_.refill);
    peak_ *= std::exp2(-passed / settings_.memory);
  }
  as_of_ = std::max(as_of_, now);
  peak_ = std::max(peak_, recent_);
}

void PoolTarget::OnArrivals(int count, base::MonotonicTime now) {
  Advance(now);
  recent_ += count;
  peak_ = std::max(peak_, recent_);
}

int PoolTarget::Target(base::MonotonicTime now) {
  Advance(now);
  // Less than half an arrival is silence; without this the last Job of a burst would linger for
  // many half-lives.
  const int wanted = settings_.minimum + static_cast<int>(std::lround(peak_));
  return std::clamp(wanted, settings_.minimum, settings_.maximum);
}

}  // namespace oneshot::pool
