#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "core/base/clock.h"
#include "core/base/guarded.h"
#include "core/base/result.h"
#include "core/store/run_store.h"

namespace oneshot::api {

/// The place in the queue of a run that was just accepted. Exact while it is small. In a long queue
/// counting would cost more than accepting, so the runs before a submitter's last are counted now
/// and then, and those accepted of it since are added. Threads: any.
class QueuePositions {
 public:
  static constexpr std::int64_t kLong = 200;
  static constexpr std::chrono::milliseconds kCountEvery{250};

  /// Both must outlive it.
  QueuePositions(store::RunStore& store, const base::Clock& clock) : store_(store), clock_(clock) {}

  /// 0 when the run is no longer queued.
  base::Result<std::int64_t> OfNewRun(const store::Submission& submission);

 private:
  struct Count {
    std::int64_t position{0};
    base::MonotonicTime counted_at{};
  };

  store::RunStore& store_;
  const base::Clock& clock_;
  /// By submitter; those that are too old to be of use are dropped.
  base::Guarded<std::map<std::string, Count>> last_;
};

}  // namespace oneshot::api
