#pragma once

#include <algorithm>
#include <chrono>

#include "core/base/random.h"

namespace oneshot::kube {

/// Growing, jittered pauses between attempts. The first pause is `first`, each next one twice as
/// long up to `cap`; each is stretched by up to its own length, so that many clients do not return
/// in step. Source: client-go tools/cache/reflector.go (800 ms, factor 2, cap 30 s, jitter 1.0).
/// Threads: one at a time.
class Backoff {
 public:
  Backoff(std::chrono::milliseconds first, std::chrono::milliseconds cap,
          base::Random& random = base::SystemRandom())
      : first_(first), cap_(cap), next_(first), random_(&random) {}

  std::chrono::milliseconds Next() {
    const auto pause = next_;
    next_ = std::min(next_ * 2, cap_);
    return std::chrono::duration_cast<std::chrono::milliseconds>(pause *
                                                                 (1.0 + random_->Fraction()));
  }
  void Reset() { next_ = first_; }

 private:
  std::chrono::milliseconds first_;
  std::chrono::milliseconds cap_;
  std::chrono::milliseconds next_;
  base::Random* random_;
};

}  // namespace oneshot::kube
