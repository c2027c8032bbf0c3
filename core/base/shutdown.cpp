#include "core/base/shutdown.h"

#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "core/base/thread.h"

namespace oneshot::base {
namespace {

sigset_t StopSignals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

}  // namespace

Shutdown::Shutdown() {
  signal(SIGPIPE, SIG_IGN);
  const sigset_t set = StopSignals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  waiter_ = StartThread("signals", [this, set](std::stop_token stop) {
    // A bounded wait, because sigtimedwait(2) knows nothing of stop tokens.
    const timespec tick{0, 200'000'000};
    while (!stop.stop_requested()) {
      if (sigtimedwait(&set, nullptr, &tick) < 0) continue;
      if (!source_.request_stop()) _exit(130);
    }
  });
}

Shutdown::~Shutdown() = default;

}  // namespace oneshot::base
