#pragma once

#include "core/base/clock.h"

namespace oneshot::test {

/// Time stands still until the test turns it.
class HandClock final : public base::Clock {
 public:
  base::WallTime Wall() const override { return wall; }
  base::MonotonicTime Monotonic() const override { return now; }
  base::MonotonicTime now{};
  base::WallTime wall{};
};

}  // namespace oneshot::test
