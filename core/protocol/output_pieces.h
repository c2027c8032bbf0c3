/// Cutting a program's output into pieces that fit one record line. Lives beside the codec because
/// both must agree on what a byte costs once it is JSON.
#pragma once

#include <cstddef>
#include <string_view>

#include "core/protocol/messages.h"

namespace oneshot::protocol {

/// Room for `data` in an Output record: the line less its other keys at their longest.
inline constexpr std::size_t kMaxEncodedData = kMaxRecordLine - 256;

/// Length of the next piece of `bytes`: as long as one record holds, and not ending inside a UTF-8
/// character unless the character can't be completed any more.
///
/// Shape: at least 1 when `bytes` is not empty, except that an unfinished character at the very end
/// is held back while `more_may_come`; then 0 means "wait".
std::size_t NextPiece(std::string_view bytes, bool more_may_come);

}  // namespace oneshot::protocol
