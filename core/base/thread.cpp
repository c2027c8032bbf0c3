#include "core/base/thread.h"

#include <pthread.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <utility>

namespace oneshot::base {

std::jthread StartThread(std::string name, std::function<void(std::stop_token)> body) {
  return std::jthread([name = std::move(name), body = std::move(body)](std::stop_token stop) {
    pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());
    try {
      body(stop);
    } catch (const std::exception& error) {
      std::fprintf(stderr, "thread %s: uncaught exception: %s\n", name.c_str(), error.what());
      std::abort();
    }
  });
}

bool SleepFor(std::stop_token stop, std::chrono::nanoseconds duration) {
  std::mutex mutex;
  std::condition_variable_any condition;
  std::unique_lock lock(mutex);
  condition.wait_for(lock, stop, duration, [] { return false; });
  return !stop.stop_requested();
}

void WakeUp::Raise() {
  {
    const std::lock_guard lock(mutex_);
    raised_ = true;
  }
  condition_.notify_one();
}

bool WakeUp::Lower() {
  const std::lock_guard lock(mutex_);
  return std::exchange(raised_, false);
}

bool WakeUp::Wait(std::stop_token stop, std::chrono::nanoseconds timeout) {
  std::unique_lock lock(mutex_);
  const bool raised = condition_.wait_for(lock, stop, timeout, [this] { return raised_; });
  raised_ = false;
  return raised;
}

}  // namespace oneshot::base
