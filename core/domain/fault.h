#pragma once

#include <cstddef>
#include <string>

namespace oneshot::domain {

/// How many faults of one request are told.
inline constexpr std::size_t kMaxFaults = 20;

/// One thing that is wrong with what a user sent. `pointer` is an RFC 6901 JSON pointer into the
/// request body; a long key in it is cut.
struct Fault {
  std::string pointer;
  /// For programs, stable: required, wrong_type, out_of_range, too_large, invalid_characters,
  /// invalid_path, unknown_field, duplicate_field.
  std::string code;
  /// For people: a predicate of the field, which names the limit.
  std::string detail;

  bool operator==(const Fault&) const = default;
};

}  // namespace oneshot::domain
