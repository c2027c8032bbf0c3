#include "core/base/loop.h"

namespace oneshot::base {

void Loop::Run(std::stop_token stop, Heartbeat& heartbeat) {
  bool woken = false;
  while (!stop.stop_requested()) {
    heartbeat.Beat();
    const std::chrono::nanoseconds pause = Step(stop, woken);
    heartbeat.Rest();
    woken = pause.count() > 0 && wake_up_.Wait(stop, pause);
  }
}

}  // namespace oneshot::base
