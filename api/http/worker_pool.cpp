#include "api/http/worker_pool.h"

#include <utility>

#include "core/base/thread.h"

namespace oneshot::api::http {

WorkerPool::WorkerPool(int threads, std::size_t max_queued) : max_queued_(max_queued) {
  for (int i = 0; i < threads; ++i) {
    threads_.push_back(
        base::StartThread("http-worker", [this](std::stop_token stop) { Work(std::move(stop)); }));
  }
}

WorkerPool::~WorkerPool() { Stop(); }

void WorkerPool::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  for (std::jthread& thread : threads_) thread.request_stop();
  threads_.clear();
}

bool WorkerPool::TryPost(Task task) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || accepted_.size() >= max_queued_) return false;
    NoteWork();
    accepted_.push_back(std::move(task));
  }
  wake_.notify_one();
  return true;
}

void WorkerPool::Post(Task task) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    NoteWork();
    continued_.push_back(std::move(task));
  }
  wake_.notify_one();
}

std::size_t WorkerPool::Queued() const {
  const std::lock_guard lock(mutex_);
  return accepted_.size() + continued_.size();
}

base::Milliseconds WorkerPool::StuckFor() const {
  const std::lock_guard lock(mutex_);
  if (accepted_.empty() && continued_.empty()) return base::Milliseconds(0);
  return std::chrono::duration_cast<base::Milliseconds>(std::chrono::steady_clock::now() -
                                                        moved_at_);
}

void WorkerPool::NoteWork() {
  if (accepted_.empty() && continued_.empty()) moved_at_ = std::chrono::steady_clock::now();
}

void WorkerPool::Work(std::stop_token stop) {
  while (true) {
    Task task;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, stop, [this] { return !continued_.empty() || !accepted_.empty(); });
      auto& queue = continued_.empty() ? accepted_ : continued_;
      if (queue.empty()) return;
      task = std::move(queue.front());
      queue.pop_front();
      moved_at_ = std::chrono::steady_clock::now();
    }
    task();
  }
}

}  // namespace oneshot::api::http
