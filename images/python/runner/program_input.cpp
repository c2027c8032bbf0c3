#include "images/python/runner/program_input.h"

#include <cerrno>
#include <utility>

#include "images/python/runner/files.h"

namespace oneshot::runner {
namespace {

/// Twice the longest command: the first one and its successor always fit.
constexpr std::size_t kMostWaiting = 8U << 20;

}  // namespace

ProgramInput::ProgramInput(UniqueFd pipe) : pipe_(std::move(pipe)) { SetNonBlocking(pipe_.Get()); }

bool ProgramInput::Append(std::string_view bytes) {
  if (is_ended_ || !IsOpen()) return true;  // the program sees end of file, as with any closed pipe
  if (waiting_.size() - written_ + bytes.size() > kMostWaiting) return false;
  waiting_ += bytes;
  return true;
}

void ProgramInput::Flush() {
  while (IsWaiting()) {
    const ssize_t written =
        write(pipe_.Get(), waiting_.data() + written_, waiting_.size() - written_);
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
