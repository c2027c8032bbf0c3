/// Decides what of that which a program wants to show is shown. It comes from hostile programs and
/// goes to people's browsers: whole, of a kind that is known, and within every limit, or not at
/// all.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/protocol/messages.h"
#include "images/python/runner/display_channel.h"

namespace oneshot::runner {

/// What is to be shown, from the program's description and its bytes: `mime`, `width`, `height`,
/// `alt` and `data` of the result. Errors: kInvalidArgument, with a message for the program's
/// author.
base::Result<protocol::Display> CheckDisplay(std::string_view description, std::string content);

/// What one run shows.
class Displays {
 public:
  explicit Displays(std::int64_t limit_bytes) : left_bytes_(limit_bytes) {}

  /// What is to be shown, with its number and all of its data; or an error as CheckDisplay's.
  base::Result<protocol::Display> Take(const DisplayOffer& offer);

  int dropped() const { return dropped_; }

 private:
  base::Result<protocol::Display> Admit(const DisplayOffer& offer);

  std::int64_t left_bytes_;
  int kept_{0};
  int dropped_{0};
};

}  // namespace oneshot::runner
