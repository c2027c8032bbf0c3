/// The program's stdin: what was sent waits here until the program reads it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "images/python/runner/unique_fd.h"

namespace oneshot::runner {

class ProgramInput {
 public:
  /// Takes the writing end of the pipe; makes it non-blocking.
  explicit ProgramInput(UniqueFd pipe);

  /// False when the program has left too much unread; then nothing was taken.
  [[nodiscard]] bool Append(std::string_view bytes);

  /// End of file once everything waiting was written.
  void End() { is_ended_ = true; }

  /// Writes what the pipe takes; closes it when done or when the program closed its end.
  void Flush();

  /// Whether `Flush` should be called again as soon as the pipe takes more.
  bool IsWaiting() const { return IsOpen() && written_ < waiting_.size(); }
  bool IsOpen() const { return static_cast<bool>(pipe_); }
  int Fd() const { return pipe_.Get(); }

 private:
  UniqueFd pipe_;
  std::string waiting_;
  std::size_t written_{0};
  bool is_ended_{false};
};

}  // namespace oneshot::runner
