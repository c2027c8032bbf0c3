#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace oneshot::kube {

/// Cuts a byte stream into lines (without their '\n'). An unfinished line waits for its rest; each
/// byte is looked at once. Threads: one at a time.
class LineSplitter {
 public:
  /// A longer line ends the stream: objects are limited to about 1.5 MB, so it is not one.
  explicit LineSplitter(std::size_t max_line_bytes) : max_line_bytes_(max_line_bytes) {}

  /// Calls `on_line` for every line completed by `bytes`; empty lines are skipped. The view is
  /// valid during the call. Returns false when a line exceeds the limit or `on_line` returned
  /// false; nothing more is read then.
  bool Feed(std::string_view bytes, const std::function<bool(std::string_view)>& on_line);

 private:
  std::size_t max_line_bytes_;
  std::string partial_;
};

}  // namespace oneshot::kube
