#include "controller/kube/line_splitter.h"

namespace oneshot::kube {

bool LineSplitter::Feed(std::string_view bytes,
                        const std::function<bool(std::string_view)>& on_line) {
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    const std::string_view piece = bytes.substr(0, end);
    if (partial_.size() + piece.size() > max_line_bytes_) return false;
    if (end == std::string_view::npos) {
      partial_.append(piece);
      return true;
    }
    bytes.remove_prefix(end + 1);
    if (partial_.empty()) {
      if (!piece.empty() && !on_line(piece)) return false;
      continue;
    }
    partial_.append(piece);
    const bool go_on = on_line(partial_);
    partial_.clear();
    if (!go_on) return false;
  }
  return true;
}

}  // namespace oneshot::kube
