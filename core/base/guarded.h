#pragma once

#include <condition_variable>
#include <mutex>
#include <utility>

namespace oneshot::base {

/// A value that can be reached only while its mutex is held.
/// Keep the lock in a named local: `auto jobs = jobs_.Acquire();` (a temporary does not compile).
/// Under the lock: no I/O, no callbacks, no logging. Copy out, release, act.
template <typename T>
class Guarded {
 public:
  template <typename... Args>
  explicit Guarded(Args&&... args) : value_{std::forward<Args>(args)...} {}

  class Lock {
   public:
    T& operator*() & { return value_; }
    T* operator->() & { return &value_; }
    T& operator*() && = delete;
    T* operator->() && = delete;
    /// For std::condition_variable_any only.
    std::unique_lock<std::mutex>& Native() & { return lock_; }

   private:
    friend class Guarded;
    Lock(std::mutex& mutex, T& value) : lock_(mutex), value_(value) {}
    std::unique_lock<std::mutex> lock_;
    T& value_;
  };

  [[nodiscard]] Lock Acquire() { return Lock(mutex_, value_); }

 private:
  std::mutex mutex_;
  T value_;
};

}  // namespace oneshot::base
