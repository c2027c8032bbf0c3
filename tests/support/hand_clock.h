#pragma once

#include "core/base/clock.h"

namespace oneshot::test {

/// Time stands still until the test turns it; wall time stays at its beginning.
class HandClock final : public base::Clock {
 public:
  base::WallTime Wall() const override { return base::WallTime{}; }
  base::MonotonicTime Monotonic() const override { return now; }
  base::MonotonicTime now{};
};

}  // namespace oneshot::test
