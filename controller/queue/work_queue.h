#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>

#include "core/base/clock.h"

namespace oneshot::queue {

/// Keys that need a look. The guarantees are those of client-go's workqueue:
/// - a key added many times before it is taken is taken once;
/// - a key is never held by two takers;
/// - a key added while it is held is taken again after Done;
/// - keys are taken in the order in which they became due.
/// It holds keys, never events: a taker looks at the whole present state. Threads: any.
class WorkQueue {
 public:
  explicit WorkQueue(const base::Clock& clock) : clock_(clock) {}

  void Add(const std::string& key);

  /// Adds the key once `delay` has passed; an earlier Add does not wait for it, and of two delays
  /// the shorter counts.
  void AddAfter(const std::string& key, std::chrono::milliseconds delay);

  /// Waits for a key that is due. Empty when `stop` was requested.
  std::optional<std::string> Take(std::stop_token stop);

  /// A key that is due now; never waits.
  std::optional<std::string> TryTake();

  /// When TryTake will have a key if none is added until then: not later than now if it has one.
  /// Empty when it has none to wait for.
  std::optional<base::MonotonicTime> NextDue() const;

  /// The taker has finished with the key.
  void Done(const std::string& key);

  /// Keys that are due and not taken.
  std::size_t Size() const;

 private:
  void AddLocked(const std::string& key);
  /// Moves the keys that have become due; returns when to look for the next one.
  base::MonotonicTime Promote();
  /// The first key that is due, which must exist.
  std::string TakeLocked();

  const base::Clock& clock_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  /// Each element is in dirty_ and not in held_.
  std::deque<std::string> due_;
  /// Keys that need a look.
  std::set<std::string> dirty_;
  /// Keys that have been taken.
  std::set<std::string> held_;
  std::map<std::string, base::MonotonicTime> delayed_;
  /// The same as delayed_, in order of time.
  std::set<std::pair<base::MonotonicTime, std::string>> delayed_by_time_;
};

}  // namespace oneshot::queue
