#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/base/clock.h"
#include "core/base/guarded.h"
#include "core/base/result.h"
#include "core/store/run_store.h"

namespace oneshot::api {

/// What may wait in the queue.
struct QueueBounds {
  /// queue.max_queued
  std::int64_t runs{10'000};
  /// queue.max_queued_per_submitter
  std::int64_t runs_per_submitter{5'000};
  /// queue.max_queued_bytes, of programs, standard input and arguments.
  std::int64_t bytes{268'435'456};
  /// retention.bytes: of finished runs and queued ones together.
  std::int64_t stored_bytes{2'147'483'648};
};

enum class QueueBound { kRuns, kRunsPerSubmitter, kBytes, kStoredBytes };

/// Keeps the queue within its bounds. Measuring it at every submission would cost more than the
/// submission, so this is what was measured at most kMeasureEvery ago, and what this process has
/// let in since: a burst may pass a bound by what other replicas let in meanwhile. Before it
/// refuses one it measures again, unless that was done less than kMeasureAgain ago. Threads: any.
class QueueGate {
 public:
  static constexpr std::chrono::milliseconds kMeasureEvery{1'000};
  static constexpr std::chrono::milliseconds kMeasureAgain{100};

  /// Both must outlive it.
  QueueGate(store::RunStore& store, const base::Clock& clock, QueueBounds bounds)
      : store_(store), clock_(clock), bounds_(bounds) {}

  /// The bound that `submission` would exceed. Empty: it may enter the queue, and is counted.
  /// Errors: those of the store.
  base::Result<std::optional<QueueBound>> Enter(const store::Submission& submission);

 private:
  struct State {
    store::QueueLoad load;
    std::int64_t stored_bytes{0};
    std::optional<base::MonotonicTime> measured_at;
  };

  /// Measures unless that was done less than `age` ago.
  base::Status Measure(std::chrono::milliseconds age);
  /// Counts the submission if it exceeds no bound.
  std::optional<QueueBound> Count(const store::Submission& submission);

  store::RunStore& store_;
  const base::Clock& clock_;
  const QueueBounds bounds_;
  base::Guarded<State> state_;
};

}  // namespace oneshot::api
