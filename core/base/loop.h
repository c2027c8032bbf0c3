#pragma once

#include <chrono>
#include <stop_token>

#include "core/base/heartbeat.h"
#include "core/base/thread.h"

namespace oneshot::base {

/// Work that is done in steps with waits between them: by Run on a thread of its own, or by a
/// caller that decides itself when each step comes.
class Loop {
 public:
  virtual ~Loop() = default;

  /// Does what is due. `woken`: Wake was called since the last step. Returns how long to wait for
  /// the next step unless woken; zero: the next step may follow at once. One step at a time.
  virtual std::chrono::nanoseconds Step(const std::stop_token& stop, bool woken) = 0;

  /// Steps until `stop` is requested, and beats before each step.
  void Run(std::stop_token stop, Heartbeat& heartbeat);

  /// There may be something to do. Threads: any; never blocks.
  void Wake() { wake_up_.Raise(); }

  /// Whether Wake was called since the last call of this; for who calls Step instead of Run.
  bool TakeWake() { return wake_up_.Lower(); }

 private:
  WakeUp wake_up_;
};

}  // namespace oneshot::base
