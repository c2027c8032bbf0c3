/// Bytes on their way into a pipe. Never blocks: what the pipe does not take waits here. Bounded by
/// its user, who looks at `Waiting` before appending more.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "images/python/runner/unique_fd.h"

namespace oneshot::runner {

class WriteQueue {
 public:
  /// Takes the writing end of the pipe, or a regular file; makes it non-blocking.
  explicit WriteQueue(UniqueFd pipe);

  /// Discards `bytes` when the reader has closed its end, or after `End`.
  void Append(std::string_view bytes);

  /// Closes the pipe once everything waiting was written.
  void End() { is_ended_ = true; }

  /// Drops what waits, except for the rest of a line that has been written in part.
  void DropWaitingLines();

  /// Writes what can be written now.
  void Flush();

  /// Bytes that wait; 0 once the reader has closed its end.
  std::size_t Waiting() const { return waiting_.size() - written_; }
  int Fd() const { return pipe_.Get(); }

 private:
  UniqueFd pipe_;
  std::string waiting_;
  std::size_t written_{0};
  bool is_inside_line_{false};
  bool is_ended_{false};
};

}  // namespace oneshot::runner
