#include "api/wire/output.h"

#include <algorithm>
#include <utility>

namespace oneshot::api::wire {

std::string PieceDecoder::Decode(const domain::OutputPiece& piece) {
  base::Utf8Decoder& decoder = Of(piece.stream);
  // The bytes that follow a gap cannot complete a character.
  std::string text = piece.dropped_bytes > 0 ? decoder.Finish() : "";
  return text + decoder.Feed(piece.data);
}

SeparateReader::SeparateReader(const std::optional<domain::Outcome>& outcome) {
  if (!outcome || outcome->stdout_bytes.produced + outcome->stderr_bytes.produced == 0) return;
  const auto bound = [](Head& head, const domain::StreamBytes& bytes) {
    const std::int64_t kept = std::max<std::int64_t>(0, bytes.produced - bytes.dropped);
    head.wanted = std::min(head.wanted, static_cast<std::size_t>(kept));
  };
  bound(stdout_, outcome->stdout_bytes);
  bound(stderr_, outcome->stderr_bytes);
}

void SeparateReader::Take(const std::vector<domain::OutputRecord>& records) {
  for (const domain::OutputRecord& record : records) {
    for (const domain::OutputPiece& piece : record.pieces) {
      Head& head = piece.stream == domain::Stream::kStdout ? stdout_ : stderr_;
      head.bytes.append(piece.data, 0, head.wanted - head.bytes.size());
    }
  }
}

bool SeparateReader::HasEnough() const {
  return stdout_.bytes.size() == stdout_.wanted && stderr_.bytes.size() == stderr_.wanted;
}

StreamHead SeparateReader::Cut(std::string bytes) {
  if (bytes.size() <= kMaxInlineBytes) return {.bytes = std::move(bytes)};
  bytes.resize(kMaxInlineBytes);
  bytes.resize(bytes.size() - base::IncompleteUtf8Suffix(bytes));
  return {.bytes = std::move(bytes), .is_cut = true};
}

SeparateOutput SeparateReader::Finish() && {
  return {.stdout_head = Cut(std::move(stdout_.bytes)),
          .stderr_head = Cut(std::move(stderr_.bytes))};
}

MergedReader::MergedReader(const EventId& after, int attempt) : attempt_(attempt) {
  output_.is_reset = after.attempt != 0 && after.attempt != attempt;
  if (!output_.is_reset) output_.next_after = after;
}

bool MergedReader::Take(const std::vector<domain::OutputRecord>& records) {
  for (const domain::OutputRecord& record : records) {
    std::size_t cost = 0;
    for (const domain::OutputPiece& piece : record.pieces) cost += piece.data.size() + kPieceCost;
    if (IsShown(record)) cost += record.display->whole->alt.size() + kPieceCost;
    // The first fits always: a record is far smaller than the bound.
    if (cost_ > 0 && cost_ + cost > kMaxInlineBytes) return false;
    cost_ += cost;
    Append(record);
    output_.next_after = {attempt_, record.seq};
  }
  return true;
}

void MergedReader::Append(const domain::OutputRecord& record) {
  last_ms_ = record.ms;
  if (IsShown(record))
    output_.pieces.push_back({.ms = record.ms, .display = record.display->whole});
  for (const domain::OutputPiece& piece : record.pieces) {
    std::string text = decoder_.Decode(piece);
    if (text.empty() && piece.dropped_bytes == 0) continue;
    output_.pieces.push_back({.stream = piece.stream,
                              .text = std::move(text),
                              .ms = record.ms,
                              .dropped_bytes = piece.dropped_bytes});
  }
}

MergedOutput MergedReader::Finish(bool has_more) && {
  for (const auto stream : {domain::Stream::kStdout, domain::Stream::kStderr}) {
    std::string rest = decoder_.Finish(stream);
    if (!rest.empty())
      output_.pieces.push_back({.stream = stream, .text = std::move(rest), .ms = last_ms_});
  }
  output_.is_cut = has_more;
  return std::move(output_);
}

}  // namespace oneshot::api::wire
