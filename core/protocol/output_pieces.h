/// Cutting a program's output into pieces that fit one record line. Lives beside the codec because
/// both must agree on what a byte costs once it is JSON.
#pragma once

#include <cstddef>
#include <string_view>

#include "core/protocol/messages.h"

namespace oneshot::protocol {

/// Room for all pieces of one Output record: the line less its other keys at their longest.
inline constexpr std::size_t kMaxEncodedPieces = kMaxRecordLine - 128;

/// What a piece takes of that room besides its data, at its longest: brackets, quotes, commas,
/// stream and dropped bytes.
inline constexpr std::size_t kPieceFrame = 32;

/// A beginning of some bytes that fits.
struct Fit {
  std::size_t length{0};
  /// Characters between the quotes once it is JSON.
  std::size_t encoded{0};
};

/// The longest beginning of `bytes` that takes at most `room` characters as a piece's data, and
/// that doesn't end inside a UTF-8 character unless the character can't be completed any more.
///
/// Shape: at least one byte when `bytes` is not empty and `room` is 16 or more, except that an
/// unfinished character at the very end is held back while `more_may_come`; then 0 means "wait".
Fit NextPiece(std::string_view bytes, std::size_t room, bool more_may_come);

}  // namespace oneshot::protocol
