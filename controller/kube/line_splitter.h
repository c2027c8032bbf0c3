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
  /// A line that grows beyond `max_line_bytes` is handed over at once, cut to that length, and its
  /// rest is skipped: the receiver, which expects JSON, cannot read it and knows that something is
  /// lost.
  explicit LineSplitter(std::size_t max_line_bytes) : max_line_bytes_(max_line_bytes) {}

  /// Calls `on_line` for every line completed by `bytes`; empty lines are skipped. The view is
  /// valid during the call. Returns false when `on_line` returned false; the rest of `bytes` is not
  /// read then.
  bool Feed(std::string_view bytes, const std::function<bool(std::string_view)>& on_line);

 private:
  std::size_t max_line_bytes_;
  std::string partial_;
  /// Inside the rest of a line that was too long.
  bool skipping_{false};
};

}  // namespace oneshot::kube
