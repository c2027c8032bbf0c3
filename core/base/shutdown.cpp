#include "core/base/shutdown.h"

#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "core/base/thread.h"

namespace oneshot::base {

Shutdown::Shutdown() {
  signal(SIGPIPE, SIG_IGN);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
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

}  // namespace oneshot::base
