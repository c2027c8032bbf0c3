#include "images/python/runner/output_cap.h"

#include <algorithm>
#include <utility>

#include "core/base/utf8.h"

namespace oneshot::runner {
namespace {

using protocol::Stream;

/// Pieces of the tail grow to this size, so that a program that writes single bytes costs little
/// more than its bytes.
constexpr std::size_t kPieceBytes = 4096;

/// The end of a character whose beginning was dropped: up to three continuation bytes.
std::size_t OrphanedContinuation(std::string_view bytes) {
  std::size_t count = 0;
  while (count < std::min<std::size_t>(3, bytes.size()) &&
         (static_cast<unsigned char>(bytes[count]) & 0xC0) == 0x80) {
    ++count;
  }
  return count;
}

}  // namespace

OutputCap::OutputCap(std::int64_t limit_bytes)
    : head_left_(static_cast<std::size_t>(limit_bytes - limit_bytes / 4)),
      tail_limit_(static_cast<std::size_t>(limit_bytes / 4)) {}

std::string_view OutputCap::Admit(Stream stream, std::string_view bytes, std::int64_t ms) {
  produced_[Index(stream)] += static_cast<std::int64_t>(bytes.size());
  std::string_view head;
  if (!is_head_full_) {
    const std::size_t cost = std::min(head_left_, Cost(stream));
    head = bytes.substr(0, head_left_ - cost);
    if (head.size() < bytes.size()) {
      head.remove_suffix(base::IncompleteUtf8Suffix(head));
      is_head_full_ = true;  // from here on the order is kept only if everything goes to the tail
    }
    if (!head.empty()) {
      head_left_ -= cost + head.size();
      last_stream_ = stream;
    }
  }
  Keep(stream, bytes.substr(head.size()), ms);
  return head;
}

std::vector<OutputCap::Piece> OutputCap::TakeTail() {
  std::vector<Piece> pieces;
  pieces.reserve(tail_.size());
  for (; !tail_.empty(); tail_.pop_front()) pieces.push_back(std::move(tail_.front().piece));
  tail_used_ = 0;
  for (const Stream stream : {Stream::kStdout, Stream::kStderr}) {
    std::int64_t& dropped = dropped_[Index(stream)];
    if (dropped == 0) continue;
    auto first = std::ranges::find(pieces, stream, &Piece::stream);
    if (first == pieces.end()) {
      first = pieces.insert(pieces.end(), {stream, pieces.empty() ? 0 : pieces.back().ms, "", 0});
    }
    const std::size_t orphaned = OrphanedContinuation(first->bytes);
    first->bytes.erase(0, orphaned);
    first->dropped_bytes = dropped + static_cast<std::int64_t>(orphaned);
    dropped = 0;
  }
  return pieces;
}

std::size_t OutputCap::Cost(Stream stream) const {
  return !last_stream_ || *last_stream_ == stream ? 0 : protocol::kPieceCost;
}

void OutputCap::Keep(Stream stream, std::string_view bytes, std::int64_t ms) {
  while (!bytes.empty()) {
    const std::size_t cost = Cost(stream);
    if (tail_.empty() || cost > 0 || tail_.back().piece.bytes.size() >= kPieceBytes) {
      tail_.push_back({{stream, ms, "", 0}, cost});
      tail_used_ += cost;
      last_stream_ = stream;
    }
    std::string& last = tail_.back().piece.bytes;
    const std::string_view part = bytes.substr(0, kPieceBytes - last.size());
    last += part;
    tail_used_ += part.size();
    bytes.remove_prefix(part.size());
  }
  DropFront();
}

void OutputCap::DropFront() {
  while (tail_used_ > tail_limit_) {
    auto& [front, cost] = tail_.front();
    const std::size_t part = std::min(tail_used_ - tail_limit_, front.bytes.size());
    dropped_[Index(front.stream)] += static_cast<std::int64_t>(part);
    tail_used_ -= part;
    if (part == front.bytes.size()) {
      tail_used_ -= cost;
      tail_.pop_front();
    } else {
      front.bytes.erase(0, part);
    }
  }
}

}  // namespace oneshot::runner
