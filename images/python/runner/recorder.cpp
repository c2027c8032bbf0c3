#include "images/python/runner/recorder.h"

#include <algorithm>
#include <utility>

#include "core/protocol/output_pieces.h"

namespace oneshot::runner {
namespace {

using protocol::kMaxDisplayPart;
using protocol::kMaxEncodedPieces;
using protocol::kPieceFrame;
using protocol::Stream;

/// A piece that would get less room than this goes into the next record.
constexpr std::size_t kSmallestRoom = 64;

}  // namespace

void Recorder::Take(Stream stream, std::string_view bytes, std::int64_t ms) {
  const std::string_view head = cap_.Admit(stream, bytes, ms);
  if (!head.empty()) Gather({stream, ms, std::string(head), 0});
}

void Recorder::Gather(Piece piece) {
  gathered_size_ += piece.bytes.size();
  if (!gathered_.empty() && gathered_.back().stream == piece.stream && piece.dropped_bytes == 0) {
    gathered_.back().bytes += piece.bytes;
  } else {
    gathered_size_ += kPieceFrame;
    gathered_.push_back(std::move(piece));
  }
  while (gathered_size_ >= kMaxEncodedPieces && MakeRecord(/*more_may_come=*/true)) {
  }
}

bool Recorder::MakeRecord(bool more_may_come) {
  if (gathered_.empty()) return false;
  KeptOutput record(gathered_.front().ms);
  for (std::size_t room = kMaxEncodedPieces;
       !gathered_.empty() && room >= kPieceFrame + kSmallestRoom;) {
    Piece& front = gathered_.front();
    const bool is_last = gathered_.size() == 1;
    const auto fit = protocol::NextPiece(front.bytes, room - kPieceFrame, more_may_come && is_last);
    if (fit.length == 0 && !front.bytes.empty()) break;  // the beginning of a character waits

    const auto bytes = std::string_view(front.bytes).substr(0, fit.length);
    checksum_.Update(bytes);
    kept_bytes_[static_cast<std::size_t>(front.stream)] += static_cast<std::int64_t>(fit.length);
    record.Append(front.stream, bytes, std::exchange(front.dropped_bytes, 0));
    room -= kPieceFrame + fit.encoded;
    gathered_size_ -= fit.length;
    front.bytes.erase(0, fit.length);
    if (front.bytes.empty()) {
      gathered_size_ -= kPieceFrame;
      gathered_.pop_front();
    }
  }
  if (record.IsEmpty()) return false;
  outbox_.Keep(std::move(record));
  return true;
}

void Recorder::Show(protocol::Display display, std::int64_t ms) {
  while (Flush()) {
  }
  const std::string data = std::exchange(display.data, {});
  const std::size_t parts =
      std::max<std::size_t>(1, (data.size() + kMaxDisplayPart - 1) / kMaxDisplayPart);
  for (std::size_t part = 0; part < parts; ++part) {
    // Only the last one says what it is.
    protocol::Display record = part + 1 == parts ? display : protocol::Display{};
    record.ms = ms;
    record.part = static_cast<int>(part);
    record.parts = static_cast<int>(parts);
    record.data = data.substr(part * kMaxDisplayPart, kMaxDisplayPart);
    outbox_.Keep(std::move(record));
  }
}

void Recorder::Finish() {
  for (Piece& piece : cap_.TakeTail()) Gather(std::move(piece));
  while (MakeRecord(/*more_may_come=*/false)) {
  }
}

void Recorder::Summarize(protocol::Finished& finished) const {
  finished.stdout_totals = {cap_.ProducedBytes(Stream::kStdout),
                            kept_bytes_[static_cast<std::size_t>(Stream::kStdout)]};
  finished.stderr_totals = {cap_.ProducedBytes(Stream::kStderr),
                            kept_bytes_[static_cast<std::size_t>(Stream::kStderr)]};
  finished.sha256 = checksum_.HexDigest();
}

}  // namespace oneshot::runner
