/// Decides which of a program's bytes are kept: the first three quarters of the limit as they come,
/// then the last quarter, which is known only at the end. stdout and stderr share the limit, and
/// each change between them costs protocol::kPieceCost of it. The program is never held up.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/protocol/messages.h"

namespace oneshot::runner {

class OutputCap {
 public:
  struct Piece {
    protocol::Stream stream{protocol::Stream::kStdout};
    std::int64_t ms{0};
    std::string bytes;
    /// Bytes of this stream that were dropped just before `bytes`.
    std::int64_t dropped_bytes{0};
  };

  explicit OutputCap(std::int64_t limit_bytes);

  /// Takes `bytes` that came at `ms`. Returns the beginning that is to be sent at once; the rest is
  /// kept for the end, as far as it fits. The head never ends inside a UTF-8 character.
  std::string_view Admit(protocol::Stream stream, std::string_view bytes, std::int64_t ms);

  /// What was kept for the end, in the order it came. The first piece of a stream that lost bytes
  /// tells how many (a piece without bytes when none of the stream's are left).
  std::vector<Piece> TakeTail();

  std::int64_t ProducedBytes(protocol::Stream stream) const { return produced_[Index(stream)]; }

 private:
  static std::size_t Index(protocol::Stream stream) {
    return stream == protocol::Stream::kStdout ? 0 : 1;
  }

  struct TailPiece {
    Piece piece;
    /// Of the limit, besides its bytes.
    std::size_t cost{0};
  };

  /// What bytes of this stream cost besides themselves, after what was taken last.
  std::size_t Cost(protocol::Stream stream) const;
  void Keep(protocol::Stream stream, std::string_view bytes, std::int64_t ms);
  void DropFront();

  std::size_t head_left_;
  const std::size_t tail_limit_;
  bool is_head_full_{false};
  std::optional<protocol::Stream> last_stream_;
  std::deque<TailPiece> tail_;
  /// Costs included.
  std::size_t tail_used_{0};
  std::array<std::int64_t, 2> produced_{};
  std::array<std::int64_t, 2> dropped_{};
};

}  // namespace oneshot::runner
