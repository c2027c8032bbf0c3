#include "controller/kube/line_splitter.h"

#include <utility>

namespace oneshot::kube {

bool LineSplitter::Feed(std::string_view bytes,
                        const std::function<bool(std::string_view)>& on_line) {
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    const bool is_whole = end != std::string_view::npos;
    std::string_view piece = bytes.substr(0, end);
    bytes.remove_prefix(is_whole ? end + 1 : bytes.size());
    if (skipping_) {
      skipping_ = !is_whole;
      continue;
    }
    const bool is_too_long = partial_.size() + piece.size() > max_line_bytes_;
    if (is_too_long) piece = piece.substr(0, max_line_bytes_ - partial_.size());
    skipping_ = is_too_long && !is_whole;
    if (!is_whole && !is_too_long) {
      partial_.append(piece);
      return true;
    }
    // A line that came in one piece is not copied.
    std::string joined;
    if (!partial_.empty()) {
      joined = std::exchange(partial_, {}).append(piece);
      piece = joined;
    }
    if (!piece.empty() && !on_line(piece)) return false;
  }
  return true;
}

}  // namespace oneshot::kube
