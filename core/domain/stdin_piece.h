#pragma once

#include <string>

namespace oneshot::domain {

/// What a run gets on its standard input while it is active.
struct StdinPiece {
  /// Bytes.
  std::string data;
  /// The end of the input; then there is no data.
  bool is_end{false};

  bool operator==(const StdinPiece&) const = default;
};

}  // namespace oneshot::domain
