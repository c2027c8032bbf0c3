#include "images/python/runner/line_sink.h"

#include <unistd.h>

#include <cerrno>

namespace oneshot::runner {

void LineSink::Flush() {
  while (!IsEmpty() && !is_broken_) {
    const ssize_t written = write(fd_, waiting_.data() + written_, waiting_.size() - written_);
    if (written >= 0) {
      written_ += static_cast<std::size_t>(written);
    } else if (errno == EAGAIN) {
      return;
    } else if (errno != EINTR) {
      is_broken_ = true;
    }
  }
  waiting_.clear();
  written_ = 0;
}

}  // namespace oneshot::runner
