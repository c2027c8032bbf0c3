#include "controller/kube/backoff.h"

#include <algorithm>

#include "core/base/random.h"

namespace oneshot::kube {

Backoff::Backoff(std::chrono::milliseconds first, std::chrono::milliseconds cap)
    : first_(first), cap_(cap), next_(first) {}

std::chrono::milliseconds Backoff::Next() {
  const auto pause = next_;
  next_ = std::min(next_ * 2, cap_);
  const double stretch = 1.0 + base::RandomFraction();
  return std::chrono::milliseconds(
      static_cast<std::chrono::milliseconds::rep>(static_cast<double>(pause.count()) * stretch));
}

}  // namespace oneshot::kube
