#include "core/protocol/output_pieces.h"

#include <algorithm>

#include "core/base/utf8.h"

namespace oneshot::protocol {
namespace {

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
Fit FittingText(std::string_view text, std::size_t room) {
  Fit fit;
  while (fit.length < text.size() && fit.encoded + EncodedSize(text[fit.length]) <= room) {
    fit.encoded += EncodedSize(text[fit.length]);
    ++fit.length;
  }
  // The bytes of a longer character cost one each.
  const std::size_t cut = base::IncompleteUtf8Suffix(text.substr(0, fit.length));
  return {fit.length - cut, fit.encoded - cut};
}

}  // namespace

Fit NextPiece(std::string_view bytes, std::size_t room, bool more_may_come) {
  const std::string_view window = bytes.substr(0, std::min(bytes.size(), room));
  const bool ends_the_data = window.size() == bytes.size();
  const std::size_t cut = base::IncompleteUtf8Suffix(window);
  const std::string_view whole =
      ends_the_data && !more_may_come ? window : window.substr(0, window.size() - cut);
  if (base::IsValidUtf8(whole)) return FittingText(whole, room);

  // Somewhere in there is a byte that is no text: what fits as base64 travels so, unless the byte
  // lies behind it.
  std::string_view raw = whole.substr(0, std::min(whole.size(), room / 4 * 3));
  if (raw.size() < whole.size()) raw.remove_suffix(base::IncompleteUtf8Suffix(raw));
  if (base::IsValidUtf8(raw)) return FittingText(raw, room);
  return {raw.size(), (raw.size() + 2) / 3 * 4};
}

}  // namespace oneshot::protocol
