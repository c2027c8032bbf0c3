#pragma once

#include <string>

namespace oneshot::domain {

/// One thing that is wrong with what a user sent. `pointer` is an RFC 6901 JSON pointer into the
/// request body, `code` is stable and for programs, `detail` is for people and names the limit.
struct Fault {
  std::string pointer;
  std::string
      code;  // required, wrong_type, out_of_range, too_large, invalid_characters, unknown_field
  std::string detail;

  bool operator==(const Fault&) const = default;
};

}  // namespace oneshot::domain
