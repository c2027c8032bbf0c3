/// Telling UTF-8 from other bytes, and making UTF-8 of any bytes (RFC 3629: no surrogates, nothing
/// overlong, nothing above U+10FFFF). Knows no other encoding, no normalisation, no character
/// classes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace oneshot::base {

bool IsValidUtf8(std::string_view bytes);

/// Length of the longest valid beginning; all of it when `bytes` is valid.
std::size_t ValidUtf8Prefix(std::string_view bytes);

/// How many bytes at the end (0..3) begin a character that more bytes could complete.
/// A caller that cuts a stream into pieces holds these back for the next piece.
std::size_t IncompleteUtf8Suffix(std::string_view bytes);

/// The text with every maximal invalid part replaced by U+FFFD, as the WHATWG decoder (so:
/// browsers) and Python's errors="replace" do it.
std::string ReplaceInvalidUtf8(std::string_view bytes);

/// Decodes a stream that arrives in pieces: characters cut at a boundary come out whole with the
/// next piece. Threads: one at a time.
class Utf8Decoder {
 public:
  /// The text that is certain so far; invalid parts as U+FFFD.
  std::string Feed(std::string_view bytes);

  /// What an unfinished character at the end of the stream becomes; empty when there is none.
  std::string Finish();

 private:
  std::string pending_;
};

}  // namespace oneshot::base
