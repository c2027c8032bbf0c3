#include "api/queue_positions.h"

#include <algorithm>

namespace oneshot::api {

base::Result<std::int64_t> QueuePositions::OfNewRun(const std::string& id) {
  const auto now = clock_.Monotonic();
  {
    auto last = last_.Acquire();
    if (last->position >= kLong && now - last->counted_at < kCountEvery) {
      last->position = std::min(last->position + 1, store::kMaxCountedAhead + 1);
      return last->position;
    }
  }
  const auto look = store_.Look(id, {}, /*max_bytes=*/0);
  if (!look) return look.error();
  auto last = last_.Acquire();
  *last = {look->queue_position, now};
  return look->queue_position;
}

}  // namespace oneshot::api
