/// Turns what a program writes into numbered records. Gathers while the sink is full, so that a
/// slow reader gets fewer and larger records instead of a growing queue; holds back the beginning
/// of a UTF-8 character until its end came.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "core/base/sha256.h"
#include "core/protocol/messages.h"
#include "images/python/runner/output_cap.h"
#include "images/python/runner/write_queue.h"

namespace oneshot::runner {

class Recorder {
 public:
  explicit Recorder(std::int64_t output_limit_bytes) : cap_(output_limit_bytes) {}

  /// Bytes the program wrote, `ms` after its start.
  void Take(protocol::Stream stream, std::string_view bytes, std::int64_t ms);

  /// Whether something waits to become a record, and whether it fills one.
  bool HasGathered() const { return !gathered_.empty(); }
  bool HasFullRecord() const;

  /// Makes records of what has gathered, unless the sink is so full that one record made later can
  /// share more output. Tells whether it made any.
  bool Flush(WriteQueue& sink);

  /// The program will write no more: makes records of everything, the kept tail included, whatever
  /// the sink says.
  void Finish(WriteQueue& sink);

  /// Fills in the totals, the number of records and the checksum.
  void Summarize(protocol::Finished& finished) const;

 private:
  /// Output that is not a record yet. Neighbours are of different streams.
  using Piece = OutputCap::Piece;

  void Gather(Piece piece);
  void Emit(WriteQueue& sink, const Piece& piece, std::size_t length);

  OutputCap cap_;
  std::deque<Piece> gathered_;
  std::int64_t next_seq_{0};
  std::array<std::int64_t, 2> kept_bytes_{};
  base::Sha256 checksum_;
};

}  // namespace oneshot::runner
