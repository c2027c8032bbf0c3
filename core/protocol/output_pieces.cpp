#include "core/protocol/output_pieces.h"

#include <algorithm>

#include "core/base/utf8.h"

namespace oneshot::protocol {
namespace {

/// Bytes that fit as base64 whatever they are.
constexpr std::size_t kMaxRaw = kMaxEncodedData / 4 * 3;

/// Characters that JSON needs for one byte of valid UTF-8. Source: RFC 8259, section 7.
std::size_t EncodedSize(char byte) {
  switch (byte) {
    case '"':
    case '\\':
    case '\b':
    case '\f':
    case '\n':
    case '\r':
    case '\t':
      return 2;
    default:
      return static_cast<unsigned char>(byte) < 0x20 ? 6 : 1;
  }
}

/// Longest beginning of `text` (valid UTF-8) that fits, cut between characters.
std::size_t FittingText(std::string_view text) {
  std::size_t encoded = 0;
  std::size_t length = 0;
  while (length < text.size() && encoded + EncodedSize(text[length]) <= kMaxEncodedData) {
    encoded += EncodedSize(text[length]);
    ++length;
  }
  return length - base::IncompleteUtf8Suffix(text.substr(0, length));
}

}  // namespace

std::size_t NextPiece(std::string_view bytes, bool more_may_come) {
  const std::string_view window = bytes.substr(0, std::min(bytes.size(), kMaxEncodedData));
  const bool ends_the_data = window.size() == bytes.size();
  const std::size_t cut = base::IncompleteUtf8Suffix(window);
  const std::string_view whole =
      ends_the_data && !more_may_come ? window : window.substr(0, window.size() - cut);
  if (base::IsValidUtf8(whole)) return FittingText(whole);

  // Somewhere in there is a byte that is no text: all of it travels as base64.
  const std::string_view raw = whole.substr(0, std::min(whole.size(), kMaxRaw));
  const std::size_t raw_cut = raw.size() < whole.size() ? base::IncompleteUtf8Suffix(raw) : 0;
  return raw.size() - raw_cut;
}

}  // namespace oneshot::protocol
