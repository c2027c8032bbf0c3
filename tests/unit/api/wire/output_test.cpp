#include "api/wire/output.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace oneshot::api::wire {
namespace {

using domain::OutputPiece;
using domain::OutputRecord;
using domain::Stream;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using Piece = MergedOutput::Piece;

OutputRecord Record(std::int64_t seq, std::vector<OutputPiece> pieces) {
  return {.seq = seq, .ms = 10 * seq, .pieces = std::move(pieces), .display = {}};
}
OutputPiece Out(std::string data) { return {.stream = Stream::kStdout, .data = std::move(data)}; }
OutputPiece Err(std::string data) { return {.stream = Stream::kStderr, .data = std::move(data)}; }

OutputRecord Shown(std::int64_t seq) {
  OutputRecord record{.seq = seq, .ms = 0, .pieces = {}, .display = {}};
  record.display = domain::DisplayPart{
      .data = "ABC", .whole = domain::Display{.number = 4, .mime = "image/png", .bytes = 3}};
  return record;
}

domain::Outcome Kept(std::int64_t stdout_bytes, std::int64_t stderr_bytes) {
  domain::Outcome outcome;
  outcome.stdout_bytes.produced = stdout_bytes;
  outcome.stderr_bytes.produced = stderr_bytes;
  return outcome;
}

TEST(SeparateReader, KeepsTheStreamsApartAndLeavesDisplaysOut) {
  SeparateReader reader(std::nullopt);
  reader.Take({Record(0, {Out("a"), Err("x")}), Shown(1)});
  reader.Take({Record(2, {Out("b")})});
  const SeparateOutput output = std::move(reader).Finish();
  EXPECT_EQ(output.stdout_head, (StreamHead{.bytes = "ab"}));
  EXPECT_EQ(output.stderr_head, (StreamHead{.bytes = "x"}));
}

TEST(SeparateReader, CutsWhatIsLongerThanTheBound) {
  SeparateReader reader(std::nullopt);
  reader.Take({Record(0, {Out(std::string(kMaxInlineBytes, 'a'))})});
  EXPECT_FALSE(reader.HasEnough());
  reader.Take({Record(1, {Out("b"), Err(std::string(kMaxInlineBytes, 'x'))})});
  EXPECT_FALSE(reader.HasEnough()) << "one more byte of stderr would be one too many";
  const SeparateOutput output = std::move(reader).Finish();
  EXPECT_EQ(output.stdout_head,
            (StreamHead{.bytes = std::string(kMaxInlineBytes, 'a'), .is_cut = true}));
  EXPECT_EQ(output.stderr_head, (StreamHead{.bytes = std::string(kMaxInlineBytes, 'x')}));
}

TEST(SeparateReader, CutsBetweenCharacters) {
  SeparateReader reader(std::nullopt);
  reader.Take({Record(0, {Out(std::string(kMaxInlineBytes - 1, 'a') + "ü")})});
  const SeparateOutput output = std::move(reader).Finish();
  EXPECT_EQ(output.stdout_head,
            (StreamHead{.bytes = std::string(kMaxInlineBytes - 1, 'a'), .is_cut = true}));
}

TEST(SeparateReader, HasEnoughWhenARunThatEndedHasNoMore) {
  EXPECT_FALSE(SeparateReader(Kept(0, 0)).HasEnough()) << "its runner may have told nothing";
  domain::Outcome dropped = Kept(100, 0);
  dropped.stdout_bytes.dropped = 97;
  SeparateReader reader(dropped);
  reader.Take({Record(0, {Out("ab")})});
  EXPECT_FALSE(reader.HasEnough());
  reader.Take({Record(1, {Out("c")})});
  EXPECT_TRUE(reader.HasEnough());
  EXPECT_FALSE(std::move(reader).Finish().stdout_head.is_cut);

  SeparateReader longer(Kept(1 << 23, 0));
  longer.Take({Record(0, {Out(std::string(kMaxInlineBytes + 1, 'a'))})});
  EXPECT_TRUE(longer.HasEnough());
  EXPECT_TRUE(std::move(longer).Finish().stdout_head.is_cut);
}

TEST(MergedReader, ListsThePiecesInTheirOrder) {
  MergedReader reader({}, 1);
  OutputRecord gap = Record(1, {Out("c")});
  gap.pieces[0].dropped_bytes = 7;
  EXPECT_TRUE(reader.Take({Record(0, {Out("a"), Err("b")}), gap, Shown(2)}));
  const MergedOutput output = std::move(reader).Finish(/*has_more=*/false);
  EXPECT_THAT(output.pieces,
              ElementsAre(Piece{Stream::kStdout, "a", 0, 0}, Piece{Stream::kStderr, "b", 0, 0},
                          Piece{Stream::kStdout, "c", 10, 7},
                          Piece{.ms = 0, .display = Shown(2).display->whole}));
  EXPECT_EQ(output.next_after, (EventId{1, 2}));
  EXPECT_FALSE(output.is_cut);
  EXPECT_FALSE(output.is_reset);
}

TEST(MergedReader, ACharacterCutBetweenPiecesComesOutWhole) {
  MergedReader reader({}, 1);
  reader.Take({Record(0, {Out("\xE2\x86"), Err("x")}), Record(1, {Out("\x92!\xC3")})});
  EXPECT_THAT(
      std::move(reader).Finish(false).pieces,
      ElementsAre(Piece{Stream::kStderr, "x", 0, 0}, Piece{Stream::kStdout, "\xE2\x86\x92!", 10, 0},
                  Piece{Stream::kStdout, "\xEF\xBF\xBD", 10, 0}));
}

TEST(MergedReader, EndsBeforeTheRecordThatIsTooMuch) {
  MergedReader reader({}, 1);
  const std::string half(kMaxInlineBytes / 2 - MergedReader::kPieceCost, 'x');
  EXPECT_TRUE(reader.Take({Record(0, {Out(half)})}));
  EXPECT_FALSE(reader.Take({Record(1, {Err(half)}), Record(2, {Out("y")})}));
  const MergedOutput output = std::move(reader).Finish(/*has_more=*/true);
  EXPECT_THAT(output.pieces, SizeIs(2));
  EXPECT_EQ(output.next_after, (EventId{1, 1}));
  EXPECT_TRUE(output.is_cut);
}

TEST(MergedReader, CountsPiecesBesideBytes) {
  MergedReader reader({}, 1);
  const OutputRecord hundred = Record(0, std::vector<OutputPiece>(100, Out("x")));
  while (reader.Take({hundred})) {
  }
  EXPECT_LE(std::move(reader).Finish(true).pieces.size(),
            kMaxInlineBytes / MergedReader::kPieceCost);
}

TEST(MergedReader, WithoutNewOutputThePlaceStays) {
  const MergedOutput same = MergedReader({2, 5}, 2).Finish(false);
  EXPECT_EQ(same.next_after, (EventId{2, 5}));
  EXPECT_FALSE(same.is_reset);
  EXPECT_THAT(same.pieces, IsEmpty());
}

TEST(MergedReader, ANewAttemptStartsOver) {
  const MergedOutput begun = MergedReader({1, 5}, 2).Finish(false);
  EXPECT_TRUE(begun.is_reset);
  EXPECT_EQ(begun.next_after, EventId{}) << "so that the next answer is no reset again";
  MergedReader printed({1, 5}, 2);
  printed.Take({Record(0, {Out("again")})});
  const MergedOutput output = std::move(printed).Finish(false);
  EXPECT_TRUE(output.is_reset);
  EXPECT_EQ(output.next_after, (EventId{2, 0}));
  EXPECT_FALSE(MergedReader({}, 2).Finish(false).is_reset) << "who had nothing discards nothing";
}

}  // namespace
}  // namespace oneshot::api::wire
