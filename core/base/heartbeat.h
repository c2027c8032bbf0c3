#pragma once

#include <atomic>
#include <set>
#include <string>

#include "core/base/clock.h"
#include "core/base/guarded.h"
#include "core/base/result.h"

namespace oneshot::base {

class Heartbeat;

/// Whether the threads of a program still make progress, for /healthz. A thread that hangs in a
/// call or waits for a lock that nobody releases looks alive to the operating system; here it falls
/// silent. A dependency that is away is no reason for silence: calls have deadlines, and a thread
/// that tries again makes progress. Threads: any.
class Heartbeats {
 public:
  /// `clock` must outlive it.
  explicit Heartbeats(const Clock& clock) : clock_(clock) {}

  /// Errors: kUnavailable - at least one thread has been silent for longer than its bound; the
  /// message names each of them.
  Status Check() const;

 private:
  friend class Heartbeat;
  const Clock& clock_;
  mutable Guarded<std::set<const Heartbeat*>> members_;
};

/// The heartbeat of one thread, watched while it exists. Threads: any for Beat and Rest; construct
/// and destroy it where the thread's work begins and ends.
class Heartbeat {
 public:
  /// Begins with a beat. `name` is for people; `bound` is longer than anything that the thread may
  /// rightly do between two beats. `all` must outlive it.
  Heartbeat(Heartbeats& all, std::string name, Milliseconds bound);
  ~Heartbeat();
  Heartbeat(const Heartbeat&) = delete;
  Heartbeat& operator=(const Heartbeat&) = delete;

  /// The thread has made progress, and will again within its bound. Costs a look at the clock and
  /// one store.
  void Beat();
  /// The thread waits for work, or for a time to pass. Nothing is expected before its next Beat.
  void Rest();

 private:
  friend class Heartbeats;
  Heartbeats& all_;
  const std::string name_;
  const Milliseconds bound_;
  /// When silence becomes too long.
  std::atomic<MonotonicTime> due_;
};

}  // namespace oneshot::base
