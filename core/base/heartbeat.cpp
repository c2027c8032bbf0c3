#include "core/base/heartbeat.h"

#include <utility>

namespace oneshot::base {

Status Heartbeats::Check() const {
  const MonotonicTime now = clock_.Monotonic();
  std::string silent;
  {
    auto members = members_.Acquire();
    for (const Heartbeat* member : *members) {
      const MonotonicTime due = member->due_.load(std::memory_order_relaxed);
      if (now <= due) continue;
      const auto silence = MillisecondsBetween(due - member->bound_, now) / 1000;
      silent +=
          (silent.empty() ? "" : ", ") + member->name_ + " (" + std::to_string(silence) + " s)";
    }
  }
  if (silent.empty()) return {};
  return Error{ErrorCode::kUnavailable, "no progress: " + silent};
}

Heartbeat::Heartbeat(Heartbeats& all, std::string name, Milliseconds bound)
    : all_(all), name_(std::move(name)), bound_(bound), due_(all.clock_.Monotonic() + bound) {
  auto members = all_.members_.Acquire();
  members->insert(this);
}

Heartbeat::~Heartbeat() {
  auto members = all_.members_.Acquire();
  members->erase(this);
}

void Heartbeat::Beat() { due_.store(all_.clock_.Monotonic() + bound_, std::memory_order_relaxed); }

void Heartbeat::Rest() { due_.store(MonotonicTime::max(), std::memory_order_relaxed); }

}  // namespace oneshot::base
