#include "images/python/runner/write_queue.h"

#include <cerrno>
#include <utility>

#include "images/python/runner/files.h"

namespace oneshot::runner {

WriteQueue::WriteQueue(UniqueFd pipe) : pipe_(std::move(pipe)) { SetNonBlocking(pipe_.Get()); }

void WriteQueue::Append(std::string_view bytes) {
  if (pipe_ && !is_ended_) waiting_ += bytes;
}

void WriteQueue::Flush() {
  while (pipe_ && Waiting() > 0) {
    const ssize_t written = write(pipe_.Get(), waiting_.data() + written_, Waiting());
    if (written >= 0) {
      written_ += static_cast<std::size_t>(written);
    } else if (errno == EAGAIN) {
      return;
    } else if (errno != EINTR) {
      pipe_.Reset();
    }
  }
  waiting_ = {};
  written_ = 0;
  if (is_ended_) pipe_.Reset();
}

}  // namespace oneshot::runner
