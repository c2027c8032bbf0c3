#include "images/python/runner/recorder.h"

#include <algorithm>
#include <utility>

#include "core/protocol/codec.h"
#include "core/protocol/output_pieces.h"

namespace oneshot::runner {
namespace {

using protocol::Stream;

/// As much as one pipe holds.
constexpr std::size_t kFullSink = 64 * 1024;

}  // namespace

void Recorder::Take(Stream stream, std::string_view bytes, std::int64_t ms) {
  const std::string_view head = cap_.Admit(stream, bytes, ms);
  if (!head.empty()) Gather({stream, ms, std::string(head), 0});
}

void Recorder::Gather(Piece piece) {
  if (!gathered_.empty() && gathered_.back().stream == piece.stream && piece.dropped_bytes == 0) {
    gathered_.back().bytes += piece.bytes;
  } else {
    gathered_.push_back(std::move(piece));
  }
}

bool Recorder::HasFullRecord() const {
  return !gathered_.empty() && gathered_.front().bytes.size() >= protocol::kMaxEncodedData;
}

bool Recorder::Flush(WriteQueue& sink) {
  const std::int64_t first_seq = next_seq_;
  while (!gathered_.empty() && sink.Waiting() < kFullSink) {
    Piece& front = gathered_.front();
    const bool is_last = gathered_.size() == 1;
    const std::size_t length = protocol::NextPiece(front.bytes, /*more_may_come=*/is_last);
    if (length == 0)
      break;  // the beginning of a character; its end comes first or the program ends
    Emit(sink, front, length);
    front.bytes.erase(0, length);
    if (front.bytes.empty()) gathered_.pop_front();
  }
  return next_seq_ != first_seq;
}

void Recorder::Finish(WriteQueue& sink) {
  for (Piece& piece : cap_.TakeTail()) Gather(std::move(piece));
  for (Piece& piece : gathered_) {
    do {
      const std::size_t length = protocol::NextPiece(piece.bytes, /*more_may_come=*/false);
      Emit(sink, piece, length);
      piece.bytes.erase(0, length);
      piece.dropped_bytes = 0;
    } while (!piece.bytes.empty());
  }
  gathered_.clear();
}

void Recorder::Emit(WriteQueue& sink, const Piece& piece, std::size_t length) {
  std::string data = piece.bytes.substr(0, length);
  checksum_.Update(data);
  kept_bytes_[static_cast<std::size_t>(piece.stream)] += static_cast<std::int64_t>(length);
  sink.Append(protocol::Encode(
      protocol::Output{piece.stream, next_seq_++, piece.ms, std::move(data), piece.dropped_bytes}));
}

void Recorder::Summarize(protocol::Finished& finished) const {
  finished.stdout_totals = {cap_.ProducedBytes(Stream::kStdout),
                            kept_bytes_[static_cast<std::size_t>(Stream::kStdout)]};
  finished.stderr_totals = {cap_.ProducedBytes(Stream::kStderr),
                            kept_bytes_[static_cast<std::size_t>(Stream::kStderr)]};
  finished.records = next_seq_;
  finished.sha256 = checksum_.HexDigest();
}

}  // namespace oneshot::runner
