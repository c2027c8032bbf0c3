#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "api/http/worker_pool.h"
#include "core/base/clock.h"

namespace oneshot::api {

/// Wakes those who wait for a run to move: `?wait` and event streams. Waiting takes no thread.
///
/// A watcher's function looks at the run on a worker: at once when a notification names the run,
/// and now and then by itself, because a notification may be lost. Looks of one watcher never
/// overlap; wake-ups that come during a look cause one more. Threads: any.
class RunWatch {
 public:
  /// Why to look. When several reasons come together, the last of this list is given.
  enum class Reason {
    /// Time has passed.
    kSweep,
    /// The run may have moved.
    kChanged,
    kDeadline,
    /// This program ends: finish now.
    kStopping,
  };
  enum class Next {
    /// Forget this watcher.
    kDone,
    /// Look again at the next reason.
    kWait,
    /// Look again in a moment, because the client is still reading.
    kSoon,
  };
  using Look = std::function<Next(Reason)>;
  enum class FirstLook { kAtOnce, kWhenChanged };

  /// `workers` must outlive it.
  RunWatch(http::WorkerPool& workers, std::size_t max_watchers);

  /// False, and `look` is never called, when there are too many watchers or this program ends.
  /// Otherwise `look` is called until it returns kDone.
  bool Watch(const std::string& run_id, FirstLook first,
             std::optional<base::MonotonicTime> deadline, Look look);

  /// These runs may have moved. Never waits.
  void Changed(const std::vector<std::string>& run_ids);
  /// Anything may have moved.
  void AllChanged() { WakeAll(Reason::kChanged); }

  /// Gives every watcher the reason kStopping and waits for them, at most `grace`. No new ones from
  /// now on.
  void Stop(base::Milliseconds grace);

  std::size_t Watchers() const;

  /// How long the sweeps have stood still although there are watchers.
  base::Milliseconds StuckFor() const;

 private:
  struct Watcher {
    std::string run_id;
    std::optional<base::MonotonicTime> deadline;
    Look look;
    // Guarded by RunWatch::mutex_:
    base::MonotonicTime next_look{};
    std::optional<Reason> pending{};
    /// A look is queued or under way.
    bool is_busy{false};
  };
  using WatcherPtr = std::shared_ptr<Watcher>;

  void Tick(const std::stop_token& stop);
  void WakeAll(Reason reason);
  void LookNow(const WatcherPtr& watcher);

  // Call these with mutex_ held.
  void Wake(const WatcherPtr& watcher, Reason reason);
  base::Milliseconds SweepPeriod() const;

  http::WorkerPool& workers_;
  const std::size_t max_watchers_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  // Guarded by mutex_:
  std::unordered_multimap<std::string, WatcherPtr> watchers_;
  bool stopping_{false};
  // When watchers were last swept, or came while there were none.
  base::MonotonicTime swept_at_{};

  // Last: it uses all of the above.
  std::jthread thread_;
};

}  // namespace oneshot::api
