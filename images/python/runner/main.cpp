#include <sys/prctl.h>
#include <unistd.h>

#include <cstdlib>

#include "images/python/runner/options.h"
#include "images/python/runner/session.h"

int main() {
  using namespace oneshot::runner;
  // First of all: from here on no process of the same user can read our memory or open our
  // descriptors.
  prctl(PR_SET_DUMPABLE, 0);
  Session session(OptionsFrom([](const char* name) { return std::getenv(name); }, getpid() == 1));
  return session.Run();
}
