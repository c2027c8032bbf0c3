#include "core/base/loop.h"

namespace oneshot::base {

void Loop::Run(std::stop_token stop) {
  bool woken = false;
  while (!stop.stop_requested()) {
    const std::chrono::nanoseconds pause = Step(stop, woken);
    woken = pause.count() > 0 && wake_up_.Wait(stop, pause);
  }
}

}  // namespace oneshot::base
