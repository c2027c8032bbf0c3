#include "images/python/runner/output_cap.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace oneshot::runner {
namespace {

using protocol::Stream;

TEST(OutputCap, SendsTheFirstThreeQuartersAtOnce) {
  OutputCap cap(100);
  EXPECT_EQ(cap.Admit(Stream::kStdout, std::string(80, 'a'), 1), std::string(75, 'a'));
  EXPECT_EQ(cap.Admit(Stream::kStdout, "more", 2), "");
  const auto tail = cap.TakeTail();
  ASSERT_EQ(tail.size(), 1U);
  EXPECT_EQ(tail[0].bytes, "aaaaamore");
  EXPECT_EQ(tail[0].dropped_bytes, 0);
}

TEST(OutputCap, KeepsTheEndAndCountsWhatItDropped) {
  OutputCap cap(100);
  const std::string head(
      cap.Admit(Stream::kStdout, std::string(75, 'a') + std::string(1000, 'b') + "the end", 1));
  EXPECT_EQ(head, std::string(75, 'a'));
  const auto tail = cap.TakeTail();
  ASSERT_EQ(tail.size(), 1U);
  EXPECT_EQ(tail[0].bytes, std::string(18, 'b') + "the end");
  EXPECT_EQ(tail[0].dropped_bytes, 982);
  EXPECT_EQ(cap.ProducedBytes(Stream::kStdout), 1082);
}

TEST(OutputCap, TellsTheLossOfAStreamOfWhichNothingIsLeft) {
  OutputCap cap(100);
  cap.Admit(Stream::kStdout, std::string(75, 'a'), 1);
  cap.Admit(Stream::kStderr, "lost", 2);
  cap.Admit(Stream::kStdout, std::string(25, 'b'), 3);
  const auto tail = cap.TakeTail();
  ASSERT_EQ(tail.size(), 2U);
  EXPECT_EQ(tail[0].bytes, std::string(25 - protocol::kPieceCost, 'b'));
  EXPECT_EQ(tail[0].dropped_bytes, protocol::kPieceCost);
  EXPECT_EQ(tail[1].stream, Stream::kStderr);
  EXPECT_EQ(tail[1].bytes, "");
  EXPECT_EQ(tail[1].dropped_bytes, 4);
}

// Review S2: one byte to each stream in turn was charged as two bytes and cost two records.
TEST(OutputCap, ChargesEachChangeOfStream) {
  constexpr std::int64_t kLimit = 10'000;
  OutputCap cap(kLimit);
  std::int64_t kept = 0;
  for (int i = 0; i < 20'000; ++i) {
    kept += static_cast<std::int64_t>(
        cap.Admit(i % 2 == 0 ? Stream::kStdout : Stream::kStderr, "x", i).size());
  }
  for (const auto& piece : cap.TakeTail()) kept += static_cast<std::int64_t>(piece.bytes.size());
  EXPECT_LE(kept * (1 + protocol::kPieceCost), kLimit + protocol::kPieceCost);
  EXPECT_GE(kept * (1 + protocol::kPieceCost), kLimit - 4 * protocol::kPieceCost);
}

TEST(OutputCap, ChargesNothingToASingleStream) {
  OutputCap cap(1 << 20);
  std::size_t kept = 0;
  for (int i = 0; i < 1 << 20; ++i) kept += cap.Admit(Stream::kStdout, "x", i).size();
  for (const auto& piece : cap.TakeTail()) kept += piece.bytes.size();
  EXPECT_EQ(kept, 1U << 20);
}

TEST(OutputCap, CutsBetweenCharacters) {
  OutputCap cap(8);  // 6 + 2
  EXPECT_EQ(cap.Admit(Stream::kStdout,
                      "aaaa\xE2\x82\xAC"
                      "bbbb\xE2\x82\xAC",
                      1),
            "aaaa");
  const auto tail = cap.TakeTail();
  ASSERT_EQ(tail.size(), 1U);
  EXPECT_EQ(tail[0].bytes, "") << "two bytes of a character that lost its first are no text";
  EXPECT_EQ(tail[0].dropped_bytes, 10);
}

TEST(OutputCap, LosesNothingItDoesNotCount) {
  std::mt19937 random(5);
  for (int round = 0; round < 300; ++round) {
    OutputCap cap(static_cast<std::int64_t>(random() % 20'000));
    std::string written[2], kept[2];
    for (int i = 0; i < 40; ++i) {
      const auto stream = random() % 2 == 0 ? Stream::kStdout : Stream::kStderr;
      std::string bytes(random() % 2000, static_cast<char>('a' + i % 26));
      written[stream == Stream::kStderr] += bytes;
      kept[stream == Stream::kStderr] += cap.Admit(stream, bytes, i);
    }
    std::size_t dropped[2] = {0, 0};
    for (const auto& piece : cap.TakeTail()) {
      const std::size_t index = piece.stream == Stream::kStderr;
      if (piece.dropped_bytes > 0) {
        EXPECT_EQ(dropped[index], 0U) << "told once a stream";
        dropped[index] = static_cast<std::size_t>(piece.dropped_bytes);
        kept[index] += written[index].substr(kept[index].size(), dropped[index]);
      }
      kept[index] += piece.bytes;
    }
    for (int index : {0, 1}) ASSERT_EQ(kept[index], written[index]);
  }
}

TEST(OutputCap, KeepsNothingWhenNothingIsAllowed) {
  OutputCap cap(0);
  EXPECT_EQ(cap.Admit(Stream::kStdout, "abc", 0), "");
  const auto tail = cap.TakeTail();
  ASSERT_EQ(tail.size(), 1U);
  EXPECT_EQ(tail[0].dropped_bytes, 3);
}

}  // namespace
}  // namespace oneshot::runner
