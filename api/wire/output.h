#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/wire/events.h"
#include "core/base/utf8.h"
#include "core/domain/run.h"

namespace oneshot::api::wire {

/// How much of each stream a run object carries, or of both together when they are merged. Bytes as
/// the program wrote them: as JSON they may become six times as many.
inline constexpr std::size_t kMaxInlineBytes = 262'144;

/// Makes text of a run's pieces, one after the other: a character that is cut between two of them
/// comes out whole with the second. Threads: one at a time.
class PieceDecoder {
 public:
  std::string Decode(const domain::OutputPiece& piece);
  /// What an unfinished character at the end of the stream becomes; empty when there is none.
  std::string Finish(domain::Stream stream) { return Of(stream).Finish(); }

 private:
  base::Utf8Decoder& Of(domain::Stream stream) {
    return decoders_[stream == domain::Stream::kStdout ? 0 : 1];
  }
  std::array<base::Utf8Decoder, 2> decoders_;
};

/// The beginning of a stream: at most kMaxInlineBytes, cut between characters.
struct StreamHead {
  std::string bytes{};
  /// The program wrote more.
  bool is_cut{false};

  bool operator==(const StreamHead&) const = default;
};

/// The beginning of both streams, each by itself.
struct SeparateOutput {
  StreamHead stdout_head{};
  StreamHead stderr_head{};
};

/// Gathers it from the records of a run, holding no more than it returns.
class SeparateReader {
 public:
  /// Of a run whose runner told its end it is known how much there is of each stream.
  explicit SeparateReader(const std::optional<domain::Outcome>& outcome);

  void Take(const std::vector<domain::OutputRecord>& records);
  /// Further records change nothing.
  bool HasEnough() const;
  SeparateOutput Finish() &&;

 private:
  struct Head {
    // One byte more than is returned shows that there is more.
    std::size_t wanted{kMaxInlineBytes + 1};
    std::string bytes{};
  };
  static StreamHead Cut(std::string bytes);

  Head stdout_;
  Head stderr_;
};

/// Whether something that is shown is whole with this record.
inline bool IsShown(const domain::OutputRecord& record) {
  return record.display && record.display->whole && !domain::IsOutputFile(*record.display->whole);
}

/// Some output of both streams in its order.
struct MergedOutput {
  struct Piece {
    domain::Stream stream{domain::Stream::kStdout};
    std::string text{};
    std::int64_t ms{0};
    std::int64_t dropped_bytes{0};
    /// Something that is shown here, instead of text.
    std::optional<domain::Display> display{};

    bool operator==(const Piece&) const = default;
  };
  std::vector<Piece> pieces{};
  /// More is stored already.
  bool is_cut{false};
  /// The last record that the client has now. Attempt 0: none.
  EventId next_after{};
  /// What the client had before belongs to an attempt that is void.
  bool is_reset{false};
};

/// Gathers it from the records after those that the client has. It ends after a whole record.
class MergedReader {
 public:
  /// What a piece counts besides its bytes, because as JSON it costs about as much.
  static constexpr std::size_t kPieceCost = 64;

  /// `after` as in MergedOutput::next_after; `attempt` is the run's.
  MergedReader(const EventId& after, int attempt);

  /// The first record to be taken is number 0 when `after` is of another attempt. False when not
  /// all of them fit.
  bool Take(const std::vector<domain::OutputRecord>& records);
  /// `has_more`: there are records that were not given to it.
  MergedOutput Finish(bool has_more) &&;

 private:
  void Append(const domain::OutputRecord& record);

  const int attempt_;
  MergedOutput output_;
  PieceDecoder decoder_;
  std::size_t cost_{0};
  std::int64_t last_ms_{0};
};

}  // namespace oneshot::api::wire
