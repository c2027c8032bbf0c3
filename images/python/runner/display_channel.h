/// How a program hands over what it wants to show: one datagram with a description and a memory
/// file, answered by one datagram, for which the program waits. The other end is
/// images/python/bootstrap/oneshot_display.py; but whatever the program sends may come.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "images/python/runner/unique_fd.h"

namespace oneshot::runner {

/// Not looked at yet.
struct DisplayOffer {
  /// JSON.
  std::string description;
  UniqueFd content;
};

/// The next one, without waiting. Nothing when there is none; then `socket` may have been closed,
/// because nobody is left at its other end.
std::optional<DisplayOffer> ReceiveDisplay(UniqueFd& socket);

/// Lets the program go on. `refusal` says why nothing is shown; empty: it is.
void AnswerDisplay(const UniqueFd& socket, std::string_view refusal);

}  // namespace oneshot::runner
