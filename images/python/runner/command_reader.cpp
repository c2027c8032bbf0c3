#include "images/python/runner/command_reader.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>

#include "core/protocol/messages.h"

namespace oneshot::runner {

CommandReader::Batch CommandReader::Read() {
  Batch batch;
  std::array<char, 64 * 1024> buffer;
  const ssize_t got = read(fd_, buffer.data(), buffer.size());
  if (got <= 0) {
    batch.is_at_end = got == 0 || (errno != EINTR && errno != EAGAIN);
    return batch;
  }
  std::string_view rest(buffer.data(), static_cast<std::size_t>(got));
  for (auto end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
    partial_ += rest.substr(0, end);
    rest.remove_prefix(end + 1);
    if (!is_skipping_) batch.lines.push_back(std::move(partial_));
    partial_.clear();
    is_skipping_ = false;
  }
  if (!is_skipping_) partial_ += rest;
  if (partial_.size() >= protocol::kMaxCommandLine) {
    partial_ = {};
    is_skipping_ = true;
    ++batch.too_long;
  }
  return batch;
}

}  // namespace oneshot::runner
