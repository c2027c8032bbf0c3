#include "images/python/runner/write_queue.h"

#include <cerrno>
#include <utility>

#include "images/python/runner/files.h"

namespace oneshot::runner {

WriteQueue::WriteQueue(UniqueFd pipe) : pipe_(std::move(pipe)) { SetNonBlocking(pipe_.Get()); }

void WriteQueue::Append(std::string_view bytes) {
  if (!pipe_ || is_ended_) return;
  // A pipe that takes some but never everything would make the written part grow for ever.
  if (written_ > waiting_.size() / 2) {
    waiting_.erase(0, written_);
    written_ = 0;
  }
  waiting_ += bytes;
}

void WriteQueue::DropWaitingLines() {
  const std::size_t line_end = is_inside_line_ ? waiting_.find('\n', written_) : std::string::npos;
  waiting_.resize(line_end == std::string::npos ? written_ : line_end + 1);
}

void WriteQueue::Flush() {
  while (pipe_ && Waiting() > 0) {
    const ssize_t written = write(pipe_.Get(), waiting_.data() + written_, Waiting());
    if (written > 0) {
      written_ += static_cast<std::size_t>(written);
      is_inside_line_ = waiting_[written_ - 1] != '\n';
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
