#include "controller/queue/lanes.h"

#include <utility>

#include "core/base/thread.h"

namespace oneshot::queue {

Lanes::Lanes(base::Heartbeats& heartbeats, std::stop_token stop, Limits limits)
    : limits_(limits),
      heartbeats_(heartbeats),
      forward_(std::move(stop), [this] { stop_.request_stop(); }) {
  for (int i = 0; i < limits_.threads; ++i) {
    threads_.push_back(base::StartThread("lane-" + std::to_string(i),
                                         [this](std::stop_token) { Work(stop_.get_token()); }));
  }
}

Lanes::~Lanes() {
  stop_.request_stop();
  threads_.clear();
}

void Lanes::Post(const std::string& lane, std::function<void()> call) {
  const std::stop_token stop = stop_.get_token();
  std::unique_lock lock(mutex_);
  const auto has_room = [&] {
    const auto found = lanes_.find(lane);
    return found == lanes_.end() || found->second.waiting.size() < limits_.waiting_per_lane;
  };
  if (!room_.wait(lock, stop, has_room) || stop.stop_requested()) return;
  const Place place = lanes_.try_emplace(lane).first;
  place->second.waiting.push_back(std::move(call));
  Offer(place);
}

void Lanes::Offer(Place lane) {
  Lane& state = lane->second;
  if (state.is_due || state.waiting.empty() || state.running >= limits_.per_lane) return;
  state.is_due = true;
  due_.push_back(lane);
  work_.notify_one();
}

void Lanes::Work(const std::stop_token& stop) {
  base::Heartbeat heartbeat(heartbeats_, "lane", limits_.longest_call);
  heartbeat.Rest();
  std::unique_lock lock(mutex_);
  while (work_.wait(lock, stop, [this] { return !due_.empty(); }) && !stop.stop_requested()) {
    const Place place = due_.front();
    due_.pop_front();
    Lane& lane = place->second;
    lane.is_due = false;
    ++lane.running;
    {
      const std::function<void()> call = std::move(lane.waiting.front());
      lane.waiting.pop_front();
      Offer(place);
      lock.unlock();
      room_.notify_all();
      heartbeat.Beat();
      call();
      // Destroyed here: what the call owns may take a lock of its own.
    }
    heartbeat.Rest();
    lock.lock();
    --lane.running;
    Offer(place);
    if (lane.running == 0 && lane.waiting.empty()) lanes_.erase(place);
  }
}

}  // namespace oneshot::queue
