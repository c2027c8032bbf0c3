#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "core/base/heartbeat.h"

namespace oneshot::queue {

/// Where calls go that may block, so that whoever decides does not wait for them.
class Background {
 public:
  virtual ~Background() = default;

  /// Runs `call` soon on another thread, in the order of the calls of `lane`, of which the next may
  /// begin before this one has ended. A call that is never run is destroyed. Threads: any.
  virtual void Post(const std::string& lane, std::function<void()> call) = 0;
};

/// Threads for calls that may block for long, such as those that end at a kubelet. A lane is what
/// may be at fault, a node for example: however many calls are stuck in it, those of other lanes go
/// on while threads are left. Threads: any.
class Lanes final : public Background {
 public:
  struct Limits {
    int threads{8};
    /// At once in one lane, so that four nodes have to die to stop the fifth.
    int per_lane{2};
    /// Calls that wait in one lane. More than a node may have pods, each of which has one call
    /// under way at most.
    std::size_t waiting_per_lane{256};
    /// The longest that one call may take; silence beyond is told by `heartbeats`.
    base::Milliseconds longest_call{120'000};
  };

  /// Once `stop` is requested, no call begins any more.
  Lanes(base::Heartbeats& heartbeats, std::stop_token stop) : Lanes(heartbeats, stop, Limits()) {}
  Lanes(base::Heartbeats& heartbeats, std::stop_token stop, Limits limits);
  /// Waits for the calls under way and drops the others.
  ~Lanes() override;

  /// Waits while the lane is full. After a stop, does nothing. Threads: any but its own.
  void Post(const std::string& lane, std::function<void()> call) override;

 private:
  struct Lane {
    int running{0};
    std::deque<std::function<void()>> waiting;
    /// It is in due_.
    bool is_due{false};
  };
  using Place = std::map<std::string, Lane>::iterator;

  void Work(const std::stop_token& stop);
  /// Puts the lane into due_ if its next call may begin. Under the lock.
  void Offer(Place lane);

  const Limits limits_;
  base::Heartbeats& heartbeats_;
  std::stop_source stop_;
  const std::stop_callback<std::function<void()>> forward_;
  std::mutex mutex_;
  std::condition_variable_any work_;
  std::condition_variable_any room_;
  /// By name, while there is a call in them.
  std::map<std::string, Lane> lanes_;
  /// Lanes whose next call may begin; each gets one in turn.
  std::deque<Place> due_;
  std::vector<std::jthread> threads_;
};

}  // namespace oneshot::queue
