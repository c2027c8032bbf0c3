#pragma once

#include <deque>

#include "core/base/clock.h"
#include "core/base/guarded.h"

namespace oneshot::delivery {

/// How long a pod takes from its node to the first word of its runner, learned from the latest
/// ones: until then an attach only costs API server and kubelet two TLS connections (ADR 18:
/// 9.4 attempts for each run without this, 4.6 with it). Threads: any.
class StartPace {
 public:
  void Record(base::Milliseconds took);

  /// Before this an attach has little hope: three quarters of the shortest of the latest starts, so
  /// that a node that becomes idle is noticed. 0 until something was recorded.
  base::Milliseconds FirstAttach() const;

 private:
  mutable base::Guarded<std::deque<base::Milliseconds>> latest_;
};

}  // namespace oneshot::delivery
