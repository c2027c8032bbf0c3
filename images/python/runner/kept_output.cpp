#include "images/python/runner/kept_output.h"

namespace oneshot::runner {

void KeptOutput::Append(protocol::Stream stream, std::string_view bytes,
                        std::int64_t dropped_bytes) {
  static_assert(sizeof(Mark) <= protocol::kPieceCost);
  bytes_ += bytes;
  marks_.push_back({dropped_bytes, static_cast<std::uint32_t>(bytes.size()), stream});
}

void KeptOutput::ShrinkToFit() {
  bytes_.shrink_to_fit();
  marks_.shrink_to_fit();
}

protocol::Output KeptOutput::ToOutput(std::int64_t seq) const {
  protocol::Output output{seq, ms_, {}};
  output.pieces.reserve(marks_.size());
  std::size_t begin = 0;
  for (const Mark& mark : marks_) {
    output.pieces.push_back({mark.stream, bytes_.substr(begin, mark.length), mark.dropped_bytes});
    begin += mark.length;
  }
  return output;
}

}  // namespace oneshot::runner
