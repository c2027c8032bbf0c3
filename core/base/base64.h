/// Base64 of RFC 4648, section 4: standard alphabet, padded, no line breaks.
/// Not a stream: every value we carry fits in memory many times over.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace oneshot::base {

/// Shape: 4 characters for each group of up to 3 bytes; empty for empty.
std::string Base64Encode(std::string_view bytes);

/// The bytes, or nothing when `text` is not exactly what `Base64Encode` writes for some bytes
/// (foreign characters, missing padding, non-zero bits under the padding). Strict, so that a value
/// has one spelling and comparing texts compares bytes.
std::optional<std::string> Base64Decode(std::string_view text);

}  // namespace oneshot::base
