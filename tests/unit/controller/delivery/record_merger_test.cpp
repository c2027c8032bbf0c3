#include "controller/delivery/record_merger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/kube/line_splitter.h"
#include "core/base/sha256.h"
#include "core/protocol/codec.h"

namespace oneshot::delivery {
namespace {

using protocol::Encode;
using protocol::Record;
using testing::ElementsAre;
using testing::IsEmpty;

std::string Text(const std::vector<domain::OutputRecord>& records) {
  std::string text;
  for (const auto& record : records) text += record.data;
  return text;
}

class RecordMergerTest : public testing::Test {
 protected:
  RecordMergerTest() { merger_.ExpectRun("r", 1); }

  static std::string Started(const std::string& run_id = "r", int attempt = 1) {
    return Encode(Record(protocol::Started{.run_id = run_id, .attempt = attempt}));
  }
  static std::string Output(std::int64_t seq, const std::string& data) {
    return Encode(Record(
        protocol::Output{.stream = protocol::Stream::kStdout, .seq = seq, .ms = 1, .data = data}));
  }
  static std::string Finished(std::int64_t records, const std::string& kept,
                              const std::string& run_id = "r") {
    protocol::Finished finished;
    finished.run_id = run_id;
    finished.attempt = 1;
    finished.exit_code = 0;
    finished.records = records;
    base::Sha256 hash;
    hash.Update(kept);
    finished.sha256 = hash.HexDigest();
    return Encode(Record(finished));
  }

  /// As the attach hands it over, which cuts the lines.
  void FeedLive(const std::string& bytes) {
    kube::LineSplitter lines(1 << 20);
    lines.Feed(bytes, [this](std::string_view line) {
      merger_.FeedLine(line);
      return true;
    });
  }

  RecordMerger merger_;
};

TEST_F(RecordMergerTest, LetsRecordsThroughAsTheyCome) {
  FeedLive(Started() + Output(0, "a"));
  EXPECT_TRUE(merger_.progress().started);
  EXPECT_EQ(Text(merger_.TakeFresh()), "a");
  FeedLive(Output(1, "b") + Finished(2, "ab"));
  EXPECT_EQ(Text(merger_.TakeFresh()), "b");
  EXPECT_TRUE(merger_.progress().complete);
  EXPECT_TRUE(merger_.progress().intact);
  EXPECT_FALSE(merger_.progress().has_gap);
}

TEST_F(RecordMergerTest, TheLogFillsWhatTheAttachLostAndNothingComesTwice) {
  const std::string log =
      Started() + Output(0, "a") + Output(1, "b") + Output(2, "c") + Finished(3, "abc");
  FeedLive(Started() + Output(0, "a"));
  merger_.FeedLine("{\"type\":\"stdo");  // an attach that began in the middle of a line
  FeedLive(Output(2, "c") + Finished(3, "abc"));
  EXPECT_TRUE(merger_.progress().has_gap);
  EXPECT_FALSE(merger_.progress().complete);
  EXPECT_EQ(Text(merger_.TakeFresh()), "a");
  merger_.FeedLog(log);
  merger_.FeedLog(log);
  EXPECT_EQ(Text(merger_.TakeFresh()), "bc");
  EXPECT_TRUE(merger_.progress().complete);
  EXPECT_TRUE(merger_.progress().intact);
}

TEST_F(RecordMergerTest, NoticesBytesThatAreNotThoseTheRunnerHashed) {
  FeedLive(Started() + Output(0, "a") + Finished(1, "b"));
  EXPECT_TRUE(merger_.progress().complete);
  EXPECT_FALSE(merger_.progress().intact);
}

TEST_F(RecordMergerTest, RecordsOfAnotherRunOrAttemptCountForNothing) {
  FeedLive(Started("other") + Started("r", 2) + Finished(0, "", "other"));
  EXPECT_FALSE(merger_.progress().started);
  EXPECT_FALSE(merger_.progress().finished);
}

TEST_F(RecordMergerTest, ErrorSentencesAndBrokenLinesAreDropped) {
  merger_.FeedLog(
      "unable to retrieve container logs for "
      "containerd://0123\n{\"type\":\"stdout\"}\n[]\n\x01\x02\n" +
      Output(0, "a"));
  EXPECT_EQ(Text(merger_.TakeFresh()), "a");
  EXPECT_FALSE(merger_.progress().started);
  EXPECT_FALSE(merger_.progress().has_gap);
}

TEST_F(RecordMergerTest, AnEndlessLineIsGivenUpAndTheNextOnesAreRead) {
  merger_.FeedLog(std::string(1 << 20, 'x') + "\n" + Output(0, "a"));
  EXPECT_EQ(Text(merger_.TakeFresh()), "a");
  EXPECT_FALSE(merger_.progress().has_gap);
}

TEST_F(RecordMergerTest, WhatCouldNotBeStoredComesAgainBeforeNewerRecords) {
  FeedLive(Output(0, "a"));
  auto taken = merger_.TakeFresh();
  FeedLive(Output(1, "b"));
  merger_.PutBack(std::move(taken));
  EXPECT_EQ(Text(merger_.TakeFresh()), "ab");
}

TEST(RecordMerger, BeforeARunIsExpectedOnlyReadyCounts) {
  RecordMerger merger;
  merger.FeedLog(
      Encode(Record(protocol::Ready{.python = "3.11.2", .preloaded = {"numpy"}, .preload_ms = 4})) +
      Encode(Record(protocol::Output{.seq = 0, .data = "x"})));
  ASSERT_TRUE(merger.progress().ready);
  EXPECT_THAT(merger.progress().ready->preloaded, ElementsAre("numpy"));
  EXPECT_THAT(merger.TakeFresh(), IsEmpty());
}

}  // namespace
}  // namespace oneshot::delivery
