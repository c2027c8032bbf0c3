#include <sys/prctl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include "images/python/runner/options.h"
#include "images/python/runner/session.h"

/// With --program-environment it prints what a program sees, for the one who takes the snapshot.
int main(int argc, char** argv) {
  using namespace oneshot::runner;
  // First of all: from here on no process of the same user can read our memory or open our
  // descriptors.
  prctl(PR_SET_DUMPABLE, 0);
  Options options = OptionsFrom([](const char* name) { return std::getenv(name); }, getpid() == 1);
  if (argc == 2 && std::string_view(argv[1]) == "--program-environment") {
    for (const std::string& variable : options.program_environment) std::puts(variable.c_str());
    return 0;
  }
  Session session(std::move(options));
  return session.Run();
}
