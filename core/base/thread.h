#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

#include "core/base/clock.h"

namespace oneshot::base {

/// Starts a thread that carries `name` (15 bytes are kept, pthread_setname_np(3)) in /proc and
/// debuggers. An exception that escapes `body` ends the process with the thread's name on stderr:
/// nothing could handle it.
std::jthread StartThread(std::string name, std::function<void(std::stop_token)> body);

/// Waits until `duration` is over or `stop` is requested. Returns false when stopped.
bool SleepFor(std::stop_token stop, std::chrono::nanoseconds duration);

/// A sticky flag that one thread raises and another waits for: many Raise() before a Wait() wake it
/// once.
class WakeUp {
 public:
  void Raise();
  /// Returns true when raised (and lowers it), false when `timeout` passed or `stop` was requested.
  bool Wait(std::stop_token stop, std::chrono::nanoseconds timeout);
  /// Returns whether it was raised, and lowers it; never waits.
  bool Lower();

 private:
  std::mutex mutex_;
  std::condition_variable_any condition_;
  bool raised_{false};
};

}  // namespace oneshot::base
