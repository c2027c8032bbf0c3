/// What a C library would offer for texts that end with a zero.
#pragma once

#include <cstddef>

namespace oneshot::snapshot {

inline std::size_t Length(const char* text) {
  std::size_t length = 0;
  while (text[length] != '\0') ++length;
  return length;
}

inline bool Equal(const char* a, const char* b) {
  while (*a != '\0' && *a == *b) ++a, ++b;
  return *a == *b;
}

/// The rest of `text` behind `prefix`; null where it begins otherwise.
inline const char* After(const char* text, const char* prefix) {
  while (*prefix != '\0' && *text == *prefix) ++text, ++prefix;
  return *prefix == '\0' ? text : nullptr;
}

}  // namespace oneshot::snapshot
