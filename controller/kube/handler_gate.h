#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string_view>
#include <thread>

#include "controller/kube/attach.h"

namespace oneshot::kube {

/// Keeps the promises of AttachHandlers: one call at a time, on_closed once and last, and none
/// after Shut() has returned.
///
/// Shut() waits for a call that is running on another thread; called from inside a handler it does
/// not wait, that call being the last. So a session must not be dropped under a lock that its
/// handlers take. Handlers are destroyed once none can run any more, so they may own what owns the
/// session. Threads: any.
class HandlerGate {
 public:
  explicit HandlerGate(AttachHandlers handlers) : handlers_(std::move(handlers)) {}

  void Open();
  void Stdout(std::string_view bytes);
  void Stderr(std::string_view bytes);
  void Closed(const base::Error& error);

  void Shut();

 private:
  /// Runs `call` unless the gate is shut; `last` shuts it for those that follow.
  void Pass(bool last, const std::function<void()>& call);

  std::mutex mutex_;
  std::condition_variable idle_;
  bool shut_{false};                // guarded by mutex_
  bool running_{false};             // guarded by mutex_
  std::thread::id running_thread_;  // guarded by mutex_; of the call when running_
  AttachHandlers handlers_;         // of the running call; once shut and idle, of whoever saw that
};

}  // namespace oneshot::kube
