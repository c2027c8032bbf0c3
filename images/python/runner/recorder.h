/// Turns what a program writes into records. Gathers small output, so that a program that prints
/// much in small pieces, or a slow reader, gets fewer and larger records; holds back the beginning
/// of a UTF-8 character until its end came.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string_view>

#include "core/base/sha256.h"
#include "core/protocol/messages.h"
#include "images/python/runner/outbox.h"
#include "images/python/runner/output_cap.h"

namespace oneshot::runner {

class Recorder {
 public:
  /// Puts its records into `outbox`, which must outlive it.
  Recorder(std::int64_t output_limit_bytes, Outbox& outbox)
      : cap_(output_limit_bytes), outbox_(outbox) {}

  /// Bytes the program wrote, `ms` after its start. Records that are full are made at once.
  void Take(protocol::Stream stream, std::string_view bytes, std::int64_t ms);

  /// Something to show, with all of its data, behind what was written before.
  void Show(protocol::Display display, std::int64_t ms);

  /// Whether something waits to become a record.
  bool HasGathered() const { return !gathered_.empty(); }

  /// Makes a record of what has gathered. False when there is nothing to make one of.
  bool Flush() { return MakeRecord(/*more_may_come=*/true); }

  /// The program will write no more: makes records of everything, the kept tail included.
  void Finish();

  /// Fills in the totals and the checksum.
  void Summarize(protocol::Finished& finished) const;

 private:
  /// Output that is not a record yet. Neighbours are of different streams.
  using Piece = OutputCap::Piece;

  void Gather(Piece piece);
  bool MakeRecord(bool more_may_come);

  OutputCap cap_;
  Outbox& outbox_;
  std::deque<Piece> gathered_;
  /// What they take of a record at least.
  std::size_t gathered_size_{0};
  std::array<std::int64_t, 2> kept_bytes_{};
  base::Sha256 checksum_;
};

}  // namespace oneshot::runner
