#include "api/run_watch.h"

#include <algorithm>
#include <utility>

#include "core/base/thread.h"
#include "core/telemetry/log.h"

namespace oneshot::api {
namespace {

using std::chrono::milliseconds;

// Fine enough for deadlines in seconds and for a client that reads; the thread sleeps while there
// are no watchers.
constexpr milliseconds kTick{25};
// A lost notification costs a second. With more than a thousand watchers it may cost more, so that
// looking stays below a thousand times a second; notifications do the work anyway.
constexpr milliseconds kSweep{1000};

}  // namespace

RunWatch::RunWatch(http::WorkerPool& workers, std::size_t max_watchers)
    : workers_(workers),
      max_watchers_(max_watchers),
      thread_(base::StartThread("run-watch", [this](std::stop_token stop) { Tick(stop); })) {}

bool RunWatch::Watch(const std::string& run_id, FirstLook first,
                     std::optional<base::MonotonicTime> deadline, Look look) {
  const auto watcher = std::make_shared<Watcher>(Watcher{run_id, deadline, std::move(look)});
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || watchers_.size() >= max_watchers_) return false;
    const auto now = std::chrono::steady_clock::now();
    watcher->next_look = now + SweepPeriod();
    if (watchers_.empty()) swept_at_ = now;
    watchers_.emplace(run_id, watcher);
    if (first == FirstLook::kAtOnce) Wake(watcher, Reason::kChanged);
  }
  changed_.notify_all();
  return true;
}

void RunWatch::Changed(const std::vector<std::string>& run_ids) {
  const std::lock_guard lock(mutex_);
  for (const std::string& run_id : run_ids) {
    const auto [begin, end] = watchers_.equal_range(run_id);
    for (auto entry = begin; entry != end; ++entry) Wake(entry->second, Reason::kChanged);
  }
}

void RunWatch::WakeAll(Reason reason) {
  const std::lock_guard lock(mutex_);
  stopping_ = stopping_ || reason == Reason::kStopping;
  for (const auto& [run_id, watcher] : watchers_) Wake(watcher, reason);
}

void RunWatch::Stop(base::Milliseconds grace) {
  WakeAll(Reason::kStopping);
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, grace, [this] { return watchers_.empty(); });
}

std::size_t RunWatch::Watchers() const {
  const std::lock_guard lock(mutex_);
  return watchers_.size();
}

base::Milliseconds RunWatch::StuckFor() const {
  const std::lock_guard lock(mutex_);
  if (watchers_.empty()) return base::Milliseconds(0);
  return std::chrono::duration_cast<base::Milliseconds>(std::chrono::steady_clock::now() -
                                                        swept_at_);
}

base::Milliseconds RunWatch::SweepPeriod() const {
  return std::max(kSweep, milliseconds(static_cast<std::int64_t>(watchers_.size())));
}

void RunWatch::Tick(const std::stop_token& stop) {
  do {
    std::unique_lock lock(mutex_);
    if (!changed_.wait(lock, stop, [this] { return !watchers_.empty(); })) return;
    const auto now = swept_at_ = std::chrono::steady_clock::now();
    for (const auto& [run_id, watcher] : watchers_) {
      const bool is_late = watcher->deadline && *watcher->deadline <= now;
      if (watcher->is_busy || (!is_late && watcher->next_look > now)) continue;
      Wake(watcher, is_late ? Reason::kDeadline : Reason::kSweep);
    }
  } while (base::SleepFor(stop, kTick));
}

void RunWatch::Wake(const WatcherPtr& watcher, Reason reason) {
  watcher->pending = std::max(watcher->pending.value_or(reason), reason);
  if (!std::exchange(watcher->is_busy, true)) workers_.Post([this, watcher] { LookNow(watcher); });
}

void RunWatch::LookNow(const WatcherPtr& watcher) {
  Reason reason{};
  {
    const std::lock_guard lock(mutex_);
    reason = *std::exchange(watcher->pending, std::nullopt);
  }
  Next next = Next::kDone;
  try {
    next = watcher->look(reason);
  } catch (const std::exception& error) {
    // The look, forgotten below, answers its request with a 500.
    telemetry::Log(telemetry::Level::kError, "looking at a run failed",
                   {{"run_id", watcher->run_id}, {"error", error.what()}});
  }

  Look forgotten;  // destroyed without the lock: it may answer a request
  const std::lock_guard lock(mutex_);
  if (next == Next::kDone) {
    const auto [begin, end] = watchers_.equal_range(watcher->run_id);
    watchers_.erase(
        std::find_if(begin, end, [&](const auto& entry) { return entry.second == watcher; }));
    forgotten = std::move(watcher->look);
    changed_.notify_all();
    return;
  }
  watcher->next_look =
      std::chrono::steady_clock::now() + (next == Next::kSoon ? kTick : SweepPeriod());
  watcher->is_busy = false;
  if (watcher->pending) Wake(watcher, *watcher->pending);
}

}  // namespace oneshot::api
