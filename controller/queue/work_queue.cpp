#include "controller/queue/work_queue.h"

#include <utility>

namespace oneshot::queue {

void WorkQueue::Add(const std::string& key) {
  {
    const std::lock_guard lock(mutex_);
    AddLocked(key);
  }
  changed_.notify_one();
}

void WorkQueue::AddLocked(const std::string& key) {
  if (!dirty_.insert(key).second) return;
  if (!held_.contains(key)) due_.push_back(key);
}

void WorkQueue::AddAfter(const std::string& key, std::chrono::milliseconds delay) {
  if (delay.count() <= 0) return Add(key);
  {
    const std::lock_guard lock(mutex_);
    const auto when = clock_.Monotonic() + delay;
    const auto [place, is_new] = delayed_.try_emplace(key, when);
    if (!is_new) {
      if (place->second <= when) return;
      delayed_by_time_.erase({place->second, key});
      place->second = when;
    }
    delayed_by_time_.emplace(when, key);
  }
  // Every taker has to know: the one that knows may leave with another key.
  changed_.notify_all();
}

base::MonotonicTime WorkQueue::Promote() {
  const auto now = clock_.Monotonic();
  while (!delayed_by_time_.empty()) {
    const auto first = delayed_by_time_.begin();
    if (first->first > now) return first->first;
    const std::string key = first->second;
    delayed_by_time_.erase(first);
    delayed_.erase(key);
    AddLocked(key);
  }
  // Nothing will be due before something is added, which wakes the takers.
  return now + std::chrono::hours(1);
}

std::optional<std::string> WorkQueue::Take(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    const auto next = Promote();
    if (!due_.empty()) {
      std::string key = TakeLocked();
      // Promote may have made more keys due than one taker takes.
      if (!due_.empty()) changed_.notify_one();
      return key;
    }
    // A delay that is added meanwhile may shorten the wait.
    changed_.wait_until(lock, stop, next, [this, next] {
      return !due_.empty() || (!delayed_by_time_.empty() && delayed_by_time_.begin()->first < next);
    });
  }
  return std::nullopt;
}

std::optional<std::string> WorkQueue::TryTake() {
  const std::lock_guard lock(mutex_);
  Promote();
  if (due_.empty()) return std::nullopt;
  return TakeLocked();
}

std::string WorkQueue::TakeLocked() {
  std::string key = std::move(due_.front());
  due_.pop_front();
  dirty_.erase(key);
  held_.insert(key);
  return key;
}

std::optional<base::MonotonicTime> WorkQueue::NextDue() const {
  const std::lock_guard lock(mutex_);
  if (!due_.empty()) return clock_.Monotonic();
  if (delayed_by_time_.empty()) return std::nullopt;
  return delayed_by_time_.begin()->first;
}

void WorkQueue::Done(const std::string& key) {
  {
    const std::lock_guard lock(mutex_);
    held_.erase(key);
    if (dirty_.contains(key)) due_.push_back(key);
  }
  changed_.notify_one();
}

std::size_t WorkQueue::Size() const {
  const std::lock_guard lock(mutex_);
  return due_.size();
}

}  // namespace oneshot::queue
