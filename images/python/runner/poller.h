/// epoll for a handful of descriptors, each under a name. Level triggered; descriptors that became
/// ready first come first, which is what keeps stdout and stderr in the order they were written.
#pragma once

#include <sys/epoll.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "images/python/runner/unique_fd.h"

namespace oneshot::runner {

enum class Source : std::uint32_t {
  kCommands,
  kRecords,
  kSignals,
  kControl,
  kExits,
  kDisplays,
  kProgramStdin,
  kProgramStdout,
  kProgramStderr,
};

class Poller {
 public:
  Poller() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {}

  /// False for what can't be waited for because it is always ready: regular files, /dev/null. Both
  /// may be repeated.
  bool Watch(Source source, int fd, std::uint32_t events);
  void Forget(int fd);

  /// Waits until something is ready, or for `timeout`; absent means for ever.
  std::vector<Source> Wait(std::optional<std::chrono::milliseconds> timeout);

 private:
  UniqueFd epoll_;
};

}  // namespace oneshot::runner
