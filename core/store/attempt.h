#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/domain/run.h"

namespace oneshot::store {

/// An attempt, as it was claimed. The Job belongs to it: a database that lost a claim in a failover
/// hands the same number out again, in the same epoch, with another Job.
struct AttemptRef {
  std::string run_id;
  int attempt{0};
  std::string job_name;
};

/// What became known of an attempt.
struct Progress {
  /// Fields that are empty are not known yet and change nothing.
  domain::JobRef job;
  /// How long ago the program began; set: the run is running.
  std::optional<base::Milliseconds> started_ago;
  /// Why the program has not begun, as domain::Run tells it; not looked at once it has.
  std::string message;
  /// New output, with numbers that follow one another.
  std::vector<domain::OutputRecord> records;
};

/// Why an attempt did not end its run.
struct Interruption {
  /// A stable word, for example node_lost.
  std::string reason;
  /// For people.
  std::string message;
  /// Where it happened; empty when that is not known, or no fault of a node.
  std::string node;
  /// The program may have begun. Always so once `started_ago` was recorded.
  bool may_have_begun{true};
  /// How long the run waits before it may be claimed again.
  base::Milliseconds retry_after{0};
};

/// When an interrupted run is given up.
struct RetryLimits {
  /// Attempts whose program may have begun.
  int max_attempts{3};
  /// How long a run may go on being claimed without its program beginning.
  base::Milliseconds queue_timeout{3'600'000};
};

}  // namespace oneshot::store
