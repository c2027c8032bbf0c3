#include "core/base/base64.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace oneshot::base {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The value of each digit; 0 for what is none.
constexpr auto kValues = [] {
  std::array<std::uint8_t, 256> values{};
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    values[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return values;
}();

std::uint32_t ByteAt(std::string_view bytes, std::size_t i) {
  return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0U;
}

}  // namespace

// Both write into a string that is long enough already: displays and files are megabytes, and a
// push_back for each character took more than half of the time.

std::string Base64Encode(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4, '=');
  char* digit = text.data();
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::uint32_t group =
        ByteAt(bytes, i) << 16 | ByteAt(bytes, i + 1) << 8 | ByteAt(bytes, i + 2);
    const std::size_t digits = std::min<std::size_t>(bytes.size() - i, 3) + 1;
    for (std::size_t k = 0; k < digits; ++k) digit[k] = kAlphabet[group >> (18 - 6 * k) & 63];
    digit += 4;
  }
  return text;
}

std::optional<std::string> Base64Decode(std::string_view text) {
  std::string bytes(text.size() / 4 * 3 + 3, '\0');
  std::size_t length = 0;
  std::uint32_t read = 0;
  int bits = 0;
  for (const char digit : text.substr(0, text.find('='))) {
    read = read << 6 | kValues[static_cast<unsigned char>(digit)];
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[length++] = static_cast<char>(read >> bits & 0xff);
  }
  bytes.resize(length);
  if (Base64Encode(bytes) != text) return std::nullopt;
  return bytes;
}

}  // namespace oneshot::base
