#include "controller/kube/line_splitter.h"

#include <utility>

namespace oneshot::kube {

bool LineSplitter::Feed(std::string_view bytes,
                        const std::function<bool(std::string_view)>& on_line) {
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    const bool is_whole = end != std::string_view::npos;
    const std::string_view piece = bytes.substr(0, end);
    bytes.remove_prefix(is_whole ? end + 1 : bytes.size());
    if (skipping_) {
      skipping_ = !is_whole;
      continue;
    }
    const bool is_too_long = partial_.size() + piece.size() > max_line_bytes_;
    partial_.append(piece.substr(0, max_line_bytes_ - partial_.size()));
    if (!is_whole && !is_too_long) break;
    skipping_ = !is_whole;
    const std::string line = std::exchange(partial_, {});
    if (!line.empty() && !on_line(line)) return false;
  }
  return true;
}

}  // namespace oneshot::kube
