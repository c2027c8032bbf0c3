#include "core/protocol/output_pieces.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <string>
#include <vector>

#include "core/base/utf8.h"
#include "core/protocol/codec.h"

namespace oneshot::protocol {
namespace {

constexpr std::size_t kRoom = kMaxEncodedPieces - kPieceFrame;

/// Cuts everything; checks that every piece fits its line at the largest numbers, that its size was
/// told right and that nothing is lost.
std::vector<std::string> Cut(const std::string& bytes, std::size_t room = kRoom) {
  constexpr auto kLargest = std::numeric_limits<std::int64_t>::max();
  const std::size_t empty_line =
      Encode(Record(Output{kLargest, kLargest, {{Stream::kStderr, "", kLargest}}})).size();
  std::vector<std::string> pieces;
  std::string rest = bytes;
  while (!rest.empty()) {
    const Fit fit = NextPiece(rest, room, /*more_may_come=*/false);
    EXPECT_GT(fit.length, 0U);
    if (fit.length == 0) break;
    pieces.push_back(rest.substr(0, fit.length));
    EXPECT_LE(fit.encoded, room);
    const std::string line =
        Encode(Record(Output{kLargest, kLargest, {{Stream::kStderr, pieces.back(), kLargest}}}));
    EXPECT_LE(line.size(), kMaxRecordLine);
    const std::size_t letter = base::IsValidUtf8(pieces.back()) ? 0 : 1;
    EXPECT_EQ(line.size(), empty_line + letter + fit.encoded);
    rest.erase(0, fit.length);
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
    bytes.resize(2'000);
    Cut(bytes, /*room=*/16 + random() % 100);
  }
}

// A byte that is no text, behind more bytes than base64 has room for: what is cut off before it is
// text again, and may need six characters a byte.
TEST(OutputPieces, CountsTextThatWasCutOffBeforeOtherBytes) {
  for (const char byte : {'\x01', '\n', 'a'}) {
    Cut(std::string(kRoom - 100, byte) + "\xFF" + std::string(20'000, byte));
  }
}

TEST(OutputPieces, FillsALineWithTheSmallestPieces) {
  constexpr auto kLargest = std::numeric_limits<std::int64_t>::max();
  Output output{kLargest, kLargest, {}};
  for (std::size_t used = 0; used + kPieceFrame + 4 <= kMaxEncodedPieces; used += kPieceFrame + 4)
    output.pieces.push_back({Stream::kStderr, "\xFF", kLargest});
  EXPECT_LE(Encode(Record(output)).size(), kMaxRecordLine);
}

TEST(OutputPieces, HoldsBackTheBeginningOfACharacter) {
  const auto length = [](std::string_view bytes, bool more_may_come) {
    return NextPiece(bytes, kRoom, more_may_come).length;
  };
  EXPECT_EQ(length("ab\xE2\x82", /*more_may_come=*/true), 2U);
  EXPECT_EQ(length("\xE2\x82", /*more_may_come=*/true), 0U);
  EXPECT_EQ(length("\xE2\x82", /*more_may_come=*/false), 2U);
  EXPECT_EQ(length("ab\xE2\x82\xAC", /*more_may_come=*/true), 5U);
  EXPECT_EQ(length("ab\xFF", /*more_may_come=*/true), 3U);
  EXPECT_EQ(length("", /*more_may_come=*/true), 0U);
}

}  // namespace
}  // namespace oneshot::protocol
