#pragma once

#include <cstdint>
#include <string>

#include "core/base/clock.h"
#include "core/base/guarded.h"
#include "core/base/result.h"
#include "core/store/run_store.h"

namespace oneshot::api {

/// The place in the queue of a run that was just accepted. Exact while the queue is short. In a
/// long queue counting would cost more than accepting, so the queue is counted now and then, and
/// the runs accepted since are added. Threads: any.
class QueuePositions {
 public:
  static constexpr std::int64_t kLong = 200;
  static constexpr std::chrono::milliseconds kCountEvery{250};

  /// Both must outlive it.
  QueuePositions(store::RunStore& store, const base::Clock& clock) : store_(store), clock_(clock) {}

  /// 0 when the run is no longer queued.
  base::Result<std::int64_t> OfNewRun(const std::string& id);

 private:
  struct Count {
    std::int64_t position{0};
    base::MonotonicTime counted_at{};
  };

  store::RunStore& store_;
  const base::Clock& clock_;
  base::Guarded<Count> last_;
};

}  // namespace oneshot::api
