#include "images/python/runner/recorder.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "core/base/sha256.h"
#include "tests/unit/runner/lines_pipe.h"

namespace oneshot::runner {
namespace {

using protocol::Output;
using protocol::Piece;
using protocol::Stream;

/// An outbox without a window, and what comes out of it.
class RecorderTest : public testing::Test {
 protected:
  RecorderTest() { outbox_.IgnoreWindow(); }

  std::vector<Output> Read() {
    std::vector<Output> outputs;
    do {
      outbox_.Flush();
      for (auto& record : pipe_.Read()) outputs.push_back(std::get<Output>(std::move(record)));
    } while (!outbox_.IsWritten());
    EXPECT_FALSE(pipe_.IsInsideLine());
    return outputs;
  }

  LinesPipe pipe_;
  Outbox outbox_{pipe_.TakeWriteEnd()};
};

TEST_F(RecorderTest, PutsBothStreamsIntoOneRecordInTheirOrder) {
  Recorder recorder(1000, outbox_);
  recorder.Take(Stream::kStdout, "a", 1);
  recorder.Take(Stream::kStdout, "b", 2);
  recorder.Take(Stream::kStderr, "c", 3);
  recorder.Take(Stream::kStdout, "d", 4);
  EXPECT_TRUE(recorder.HasGathered());
  EXPECT_TRUE(recorder.Flush());
  EXPECT_FALSE(recorder.HasGathered());
  recorder.Take(Stream::kStderr, "e", 5);
  EXPECT_TRUE(recorder.Flush());
  EXPECT_FALSE(recorder.Flush());
  const std::vector<Output> want = {
      {0, 1, {{Stream::kStdout, "ab", 0}, {Stream::kStderr, "c", 0}, {Stream::kStdout, "d", 0}}},
      {1, 5, {{Stream::kStderr, "e", 0}}}};
  EXPECT_EQ(Read(), want);
}

TEST_F(RecorderTest, WaitsForTheRestOfACharacter) {
  Recorder recorder(1000, outbox_);
  recorder.Take(Stream::kStdout, "x\xE2\x82", 1);
  recorder.Flush();
  EXPECT_EQ(Read().at(0).pieces.at(0).data, "x");
  EXPECT_FALSE(recorder.Flush());
  recorder.Take(Stream::kStdout, "\xAC", 2);
  recorder.Flush();
  EXPECT_EQ(Read().at(0).pieces.at(0).data, "\xE2\x82\xAC");
  recorder.Take(Stream::kStdout, "\xE2", 3);
  recorder.Finish();
  EXPECT_EQ(Read().at(0).pieces.at(0).data, "\xE2")
      << "the end of the program completes nothing, and loses nothing";
}

TEST_F(RecorderTest, FillsRecords) {
  Recorder recorder(10 << 20, outbox_);
  for (int i = 0; i < 200'000; ++i) recorder.Take(Stream::kStdout, "0123456789", i);
  recorder.Finish();
  const auto outputs = Read();
  std::string all;
  for (const Output& output : outputs) {
    ASSERT_EQ(output.pieces.size(), 1U);
    all += output.pieces[0].data;
  }
  EXPECT_EQ(all.size(), 2'000'000U);
  EXPECT_EQ(outputs.size(), 2'000'000 / (protocol::kMaxRecordLine - 160) + 1);
}

// Review S2.
TEST_F(RecorderTest, FillsRecordsWithStreamsThatTakeTurns) {
  Recorder recorder(10 << 20, outbox_);
  for (int i = 0; i < 10'000; ++i) {
    recorder.Take(Stream::kStdout, "o", i);
    recorder.Take(Stream::kStderr, "\xFF", i);
  }
  recorder.Finish();
  std::string all;
  const auto outputs = Read();
  for (const Output& output : outputs) {
    for (const Piece& piece : output.pieces) all += piece.data;
  }
  std::string want;
  for (int i = 0; i < 10'000; ++i) want += "o\xFF";
  EXPECT_EQ(all, want);
  EXPECT_LT(outputs.size(), 100U);
}

TEST_F(RecorderTest, SumsUpWhatItSent) {
  Recorder recorder(100, outbox_);
  recorder.Take(Stream::kStdout, std::string(500, 'a'), 1);
  recorder.Take(Stream::kStderr, "problem", 2);
  recorder.Flush();
  recorder.Finish();
  protocol::Finished finished;
  recorder.Summarize(finished);

  base::Sha256 checksum;
  std::vector<Piece> pieces;
  for (const Output& output : Read()) {
    for (const Piece& piece : output.pieces) {
      checksum.Update(piece.data);
      pieces.push_back(piece);
    }
  }
  const std::int64_t tail = 25 - 7 - protocol::kPieceCost;
  EXPECT_EQ(finished.sha256, checksum.HexDigest());
  EXPECT_EQ(finished.stdout_totals.produced_bytes, 500);
  EXPECT_EQ(finished.stdout_totals.kept_bytes, 75 + tail);
  EXPECT_EQ(finished.stderr_totals.kept_bytes, 7);
  ASSERT_EQ(pieces.size(), 3U);
  EXPECT_EQ(pieces[1].dropped_bytes, 500 - 75 - tail);
}

}  // namespace
}  // namespace oneshot::runner
