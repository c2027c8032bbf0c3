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

/// Keys that want a look. Its promises (those of client-go's workqueue):
/// - a key added many times before it is taken is taken once;
/// - a key is never held by two takers;
/// - a key added while it is held is taken again after Done;
/// - keys are taken in the order in which they became due.
/// Holds keys, never events: whoever takes one looks at the whole present state. Threads: any.
class WorkQueue {
 public:
  void Add(const std::string& key);

  /// Adds the key once `delay` has passed; an earlier Add does not wait for it, and of two delays
  /// the shorter counts.
  void AddAfter(const std::string& key, std::chrono::milliseconds delay);

  /// Waits for a key that is due. Empty when `stop` was requested.
  std::optional<std::string> Take(std::stop_token stop);

  /// The taker is through with the key.
  void Done(const std::string& key);

  /// Keys that are due and not taken.
  std::size_t Size() const;

 private:
  void AddLocked(const std::string& key);
  /// Moves what has become due; returns when the next will be.
  std::optional<base::MonotonicTime> Promote();

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<std::string> due_;  // every element is in dirty_ and not in held_
  std::set<std::string> dirty_;  // wants a look
  std::set<std::string> held_;   // is being looked at
  std::map<std::string, base::MonotonicTime> delayed_;
  std::set<std::pair<base::MonotonicTime, std::string>> delayed_by_time_;  // the same, in order
};

}  // namespace oneshot::queue
