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
    head = bytes.substr(0, head_left_);
    if (head.size() < bytes.size()) {
      head.remove_suffix(base::IncompleteUtf8Suffix(head));
      is_head_full_ = true;  // from here on the order is kept only if everything goes to the tail
    }
    head_left_ -= head.size();
  }
  Keep(stream, bytes.substr(head.size()), ms);
  return head;
}

std::vector<OutputCap::Piece> OutputCap::TakeTail() {
  for (const Stream stream : {Stream::kStdout, Stream::kStderr}) {
    std::int64_t& dropped = dropped_[Index(stream)];
    if (dropped == 0) continue;
    auto first = std::find_if(tail_.begin(), tail_.end(),
                              [stream](const Piece& piece) { return piece.stream == stream; });
    if (first == tail_.end()) {
      first = tail_.insert(tail_.end(), {stream, tail_.empty() ? 0 : tail_.back().ms, "", 0});
    }
    const std::size_t orphaned = OrphanedContinuation(first->bytes);
    first->bytes.erase(0, orphaned);
    first->dropped_bytes = dropped + static_cast<std::int64_t>(orphaned);
    dropped = 0;
  }
  tail_bytes_ = 0;
  std::vector<Piece> pieces(std::make_move_iterator(tail_.begin()),
                            std::make_move_iterator(tail_.end()));
  tail_.clear();
  return pieces;
}

void OutputCap::Keep(Stream stream, std::string_view bytes, std::int64_t ms) {
  if (bytes.size() > tail_limit_) {  // only its end can survive
    const std::size_t lost = bytes.size() - tail_limit_;
    DropFront(tail_bytes_);
    dropped_[Index(stream)] += static_cast<std::int64_t>(lost);
    bytes.remove_prefix(lost);
  }
  while (!bytes.empty()) {
    if (tail_.empty() || tail_.back().stream != stream ||
        tail_.back().bytes.size() >= kPieceBytes) {
      tail_.push_back({stream, ms, "", 0});
    }
    std::string& last = tail_.back().bytes;
    const std::string_view part = bytes.substr(0, kPieceBytes - last.size());
    last += part;
    tail_bytes_ += part.size();
    bytes.remove_prefix(part.size());
  }
  if (tail_bytes_ > tail_limit_) DropFront(tail_bytes_ - tail_limit_);
}

void OutputCap::DropFront(std::size_t count) {
  while (count > 0) {
    Piece& front = tail_.front();
    const std::size_t part = std::min(count, front.bytes.size());
    dropped_[Index(front.stream)] += static_cast<std::int64_t>(part);
    tail_bytes_ -= part;
    count -= part;
    if (part == front.bytes.size()) {
      tail_.pop_front();
    } else {
      front.bytes.erase(0, part);
    }
  }
}

}  // namespace oneshot::runner
