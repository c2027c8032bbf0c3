/// The container's stdin as lines.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace oneshot::runner {

class CommandReader {
 public:
  struct Batch {
    /// Without their newlines.
    std::vector<std::string> lines;
    /// Lines that were skipped because no command is that long.
    std::size_t too_long{0};
    /// Nothing will follow.
    bool is_at_end{false};
  };

  /// Does not own `fd`.
  explicit CommandReader(int fd) : fd_(fd) {}

  /// One read's worth. An unfinished line is kept for the next call; at the end of the stream it is
  /// dropped, because half a command is none.
  Batch Read();

 private:
  int fd_;
  std::string partial_;
  bool is_skipping_{false};
};

}  // namespace oneshot::runner
