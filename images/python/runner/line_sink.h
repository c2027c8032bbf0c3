/// The container's stdout as a queue of whole lines. Never blocks and never loses a byte: what the
/// pipe does not take waits here. Bounded by its user, who asks `HasRoom` before making more.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace oneshot::runner {

class LineSink {
 public:
  /// Does not own `fd`, which must be non-blocking unless it is a regular file.
  explicit LineSink(int fd) : fd_(fd) {}

  void Append(std::string_view line) { waiting_ += line; }

  /// Writes what can be written now.
  void Flush();

  bool IsEmpty() const { return written_ == waiting_.size(); }

  /// Whether another record is better made now than later, when more output can share it.
  bool HasRoom() const { return waiting_.size() - written_ < kEnough; }

 private:
  static constexpr std::size_t kEnough = 64 * 1024;  // one pipe

  int fd_;
  std::string waiting_;
  std::size_t written_{0};
  bool is_broken_{false};  ///< the reader is gone: everything is discarded
};

}  // namespace oneshot::runner
