#include "api/queue_positions.h"

namespace oneshot::api {

base::Result<std::int64_t> QueuePositions::OfNewRun(const std::string& id) {
  const auto now = clock_.Monotonic();
  {
    auto last = last_.Acquire();
    if (last->position >= kLong && now - last->counted_at < kCountEvery) return ++last->position;
  }
  const auto position = store_.QueuePosition(id);
  if (position) {
    auto last = last_.Acquire();
    *last = {*position, now};
  }
  return position;
}

}  // namespace oneshot::api
