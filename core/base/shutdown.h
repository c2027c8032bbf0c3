#pragma once

#include <stop_token>
#include <thread>

namespace oneshot::base {

/// Turns SIGTERM and SIGINT into a stop request; a second one ends the process at once (exit code
/// 130). Construct it first in main, before any other thread exists: it blocks the signals for all
/// threads to come. SIGPIPE is ignored from then on, because a peer that leaves is an ordinary
/// event.
class Shutdown {
 public:
  Shutdown();
  Shutdown(const Shutdown&) = delete;
  Shutdown& operator=(const Shutdown&) = delete;

  std::stop_token Token() const { return source_.get_token(); }

 private:
  std::stop_source source_;
  std::jthread waiter_;
};

}  // namespace oneshot::base
