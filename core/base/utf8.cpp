#include "core/base/utf8.h"

#include <algorithm>

namespace oneshot::base {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

/// One step of decoding at the beginning of `bytes` (which is not empty).
struct Step {
  std::size_t length;  ///< of the character, or of the maximal part that cannot become one
  bool is_valid;
  bool is_cut;  ///< `bytes` ended before the character did
};

/// Source: Unicode Standard, table 3-7, "Well-Formed UTF-8 Byte Sequences".
Step Decode(std::string_view bytes) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  const unsigned char lead = at(0);
  if (lead < 0x80) return {1, true, false};

  std::size_t length = 0;
  if (lead >= 0xC2 && lead <= 0xDF) length = 2;
  if (lead >= 0xE0 && lead <= 0xEF) length = 3;
  if (lead >= 0xF0 && lead <= 0xF4) length = 4;
  if (length == 0) return {1, false, false};

  // The second byte's range excludes overlong forms, surrogates and what is above U+10FFFF.
  unsigned char low = 0x80;
  unsigned char high = 0xBF;
  if (lead == 0xE0) low = 0xA0;
  if (lead == 0xED) high = 0x9F;
  if (lead == 0xF0) low = 0x90;
  if (lead == 0xF4) high = 0x8F;
  for (std::size_t i = 1; i < length; ++i) {
    if (i == bytes.size()) return {i, false, true};
    if (at(i) < low || at(i) > high) return {i, false, false};
    low = 0x80;
    high = 0xBF;
  }
  return {length, true, false};
}

}  // namespace

bool IsValidUtf8(std::string_view bytes) { return ValidUtf8Prefix(bytes) == bytes.size(); }

std::size_t ValidUtf8Prefix(std::string_view bytes) {
  std::size_t position = 0;
  while (position < bytes.size()) {
    const Step step = Decode(bytes.substr(position));
    if (!step.is_valid) break;
    position += step.length;
  }
  return position;
}

std::size_t IncompleteUtf8Suffix(std::string_view bytes) {
  const std::size_t longest = std::min<std::size_t>(3, bytes.size());
  for (std::size_t length = 1; length <= longest; ++length) {
    const Step step = Decode(bytes.substr(bytes.size() - length));
    if (step.is_cut && step.length == length) return length;
  }
  return 0;
}

std::string ReplaceInvalidUtf8(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size());
  while (!bytes.empty()) {
    const std::size_t valid = ValidUtf8Prefix(bytes);
    text += bytes.substr(0, valid);
    bytes.remove_prefix(valid);
    if (bytes.empty()) break;
    text += kReplacement;
    bytes.remove_prefix(Decode(bytes).length);
  }
  return text;
}

std::string Utf8Decoder::Feed(std::string_view bytes) {
  pending_ += bytes;
  const std::size_t held_back = IncompleteUtf8Suffix(pending_);
  const std::size_t certain = pending_.size() - held_back;
  std::string text = ReplaceInvalidUtf8(std::string_view(pending_).substr(0, certain));
  pending_.erase(0, certain);
  return text;
}

std::string Utf8Decoder::Finish() {
  std::string text = ReplaceInvalidUtf8(pending_);
  pending_.clear();
  return text;
}

}  // namespace oneshot::base
