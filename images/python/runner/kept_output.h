/// An output record while it waits to be acknowledged. An output limit's worth of them may wait, so
/// they are kept as plain bytes with marks between, not as JSON, which may need six times as much.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/protocol/messages.h"

namespace oneshot::runner {

class KeptOutput {
 public:
  explicit KeptOutput(std::int64_t ms) : ms_(ms) {}

  void Append(protocol::Stream stream, std::string_view bytes, std::int64_t dropped_bytes);

  bool IsEmpty() const { return marks_.empty(); }

  /// Gives back the memory that growing has left over.
  void ShrinkToFit();

  protocol::Output ToOutput(std::int64_t seq) const;

 private:
  /// Takes no more memory than protocol::kPieceCost charges.
  struct Mark {
    std::int64_t dropped_bytes;
    std::uint32_t length;
    protocol::Stream stream;
  };

  std::int64_t ms_;
  std::string bytes_;
  std::vector<Mark> marks_;
};

}  // namespace oneshot::runner
