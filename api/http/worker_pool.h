#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

#include "core/base/clock.h"

namespace oneshot::api::http {

/// Threads for what may wait, such as the database, with a bounded queue in front of them: when it
/// is full, a new request is refused at once rather than answered too late. Threads: any.
class WorkerPool {
 public:
  using Task = std::function<void()>;

  WorkerPool(int threads, std::size_t max_queued);
  ~WorkerPool();

  /// Runs what is queued, then ends the threads. For owners of what the tasks use; the destructor
  /// does the same.
  void Stop();

  /// New work. False when the queue is full or the pool is stopping.
  bool TryPost(Task task);

  /// Continues work that was accepted before: goes ahead of new work and is never refused, because
  /// its amount is bounded by what was accepted. Ignored when the pool is stopping.
  void Post(Task task);

  std::size_t Queued() const;

  /// How long there has been work in the queue without any being taken; 0 when there is none.
  base::Milliseconds StuckFor() const;

 private:
  // With mutex_ held, before work is added.
  void NoteWork();
  void Work(std::stop_token stop);

  const std::size_t max_queued_;
  mutable std::mutex mutex_;
  std::condition_variable_any wake_;
  // Guarded by mutex_:
  std::deque<Task> continued_;
  std::deque<Task> accepted_;
  // When work was last taken, or came while there was none.
  base::MonotonicTime moved_at_{};
  bool stopping_{false};
  std::vector<std::jthread> threads_;
};

}  // namespace oneshot::api::http
