#include "api/queue_positions.h"

#include <algorithm>

namespace oneshot::api {

base::Result<std::int64_t> QueuePositions::OfNewRun(const store::Submission& submission) {
  const auto now = clock_.Monotonic();
  {
    auto last = last_.Acquire();
    std::erase_if(*last,
                  [now](const auto& each) { return now - each.second.counted_at >= kCountEvery; });
    if (const auto mine = last->find(submission.submitter); mine != last->end()) {
      std::int64_t& position = mine->second.position;
      position = std::min(position + 1, store::kMaxCountedAhead + 1);
      return position;
    }
  }
  const auto look = store_.Look(submission.id, {}, /*max_bytes=*/0);
  if (!look) return look.error();
  if (look->queue_position < kLong) return look->queue_position;
  auto last = last_.Acquire();
  last->insert_or_assign(submission.submitter, Count{look->queue_position, now});
  return look->queue_position;
}

}  // namespace oneshot::api
