#include "core/protocol/output_pieces.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <string>

#include "core/base/utf8.h"
#include "core/protocol/codec.h"

namespace oneshot::protocol {
namespace {

/// Cuts everything; checks that every piece fits its line at the largest numbers and that nothing
/// is lost.
std::vector<std::string> Cut(const std::string& bytes) {
  constexpr auto kLargest = std::numeric_limits<std::int64_t>::max();
  std::vector<std::string> pieces;
  std::string rest = bytes;
  while (!rest.empty()) {
    const std::size_t length = NextPiece(rest, /*more_may_come=*/false);
    EXPECT_GT(length, 0U);
    if (length == 0) break;
    pieces.push_back(rest.substr(0, length));
    EXPECT_LE(
        Encode(Record(Output{Stream::kStderr, kLargest, kLargest, pieces.back(), kLargest})).size(),
        kMaxRecordLine);
    rest.erase(0, length);
  }
  std::string joined;
  for (const std::string& piece : pieces) joined += piece;
  EXPECT_EQ(joined, bytes);
  return pieces;
}

TEST(OutputPieces, PutsSmallOutputInOnePiece) { EXPECT_EQ(Cut("6\n").size(), 1U); }

TEST(OutputPieces, CutsTextBetweenCharacters) {
  std::string text;
  while (text.size() < 100'000) text += "a\xE2\x82\xAC\xF0\x9F\x98\x80";
  for (const std::string& piece : Cut(text)) EXPECT_TRUE(base::IsValidUtf8(piece));
}

TEST(OutputPieces, CountsWhatJsonMakesOfAByte) {
  for (const char byte : {'\0', '\n', '"', '\x1f', '\x7f', 'a', '\xff'})
    Cut(std::string(50'000, byte));
}

TEST(OutputPieces, FitsWhateverAProgramWrites) {
  std::mt19937 random(3);
  const std::string parts[] = {"plain text ", "\xE2\x82\xAC", std::string(3, '\0'),
                               "\xFF",        "\"\n\\",       "\xF0\x9F"};
  for (int round = 0; round < 50; ++round) {
    std::string bytes;
    const std::size_t kinds = 1 + random() % std::size(parts);
    while (bytes.size() < 40'000) bytes += parts[random() % kinds];
    Cut(bytes);
  }
}

TEST(OutputPieces, HoldsBackTheBeginningOfACharacter) {
  EXPECT_EQ(NextPiece("ab\xE2\x82", /*more_may_come=*/true), 2U);
  EXPECT_EQ(NextPiece("\xE2\x82", /*more_may_come=*/true), 0U);
  EXPECT_EQ(NextPiece("\xE2\x82", /*more_may_come=*/false), 2U);
  EXPECT_EQ(NextPiece("ab\xE2\x82\xAC", /*more_may_come=*/true), 5U);
  EXPECT_EQ(NextPiece("ab\xFF", /*more_may_come=*/true), 3U);
  EXPECT_EQ(NextPiece("", /*more_may_come=*/true), 0U);
}

}  // namespace
}  // namespace oneshot::protocol
