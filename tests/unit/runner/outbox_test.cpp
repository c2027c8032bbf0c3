#include "images/python/runner/outbox.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <limits>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "core/protocol/codec.h"
#include "tests/unit/runner/lines_pipe.h"

namespace oneshot::runner {
namespace {

using protocol::Finished;
using protocol::Output;
using protocol::Ready;
using protocol::Record;
using protocol::Resumed;
using protocol::Started;
using protocol::StdinAck;
using protocol::Stream;

constexpr std::size_t kFullRecord = 12'000;

using Seqs = std::vector<std::int64_t>;

class OutboxTest : public testing::Test {
 protected:
  void Keep(std::string bytes) {
    KeptOutput output(/*ms=*/7);
    output.Append(Stream::kStdout, bytes, /*dropped_bytes=*/0);
    outbox_.Keep(std::move(output));
  }

  void KeepFinished() {
    Finished finished;
    finished.seq = outbox_.NextSeq();
    outbox_.KeepFinished(protocol::Encode(finished));
  }

  /// Everything the outbox will say now, to a reader that is fast.
  std::vector<Record> Read() {
    std::vector<Record> records;
    for (;;) {
      outbox_.Flush();
      auto more = pipe_.Read();
      if (more.empty()) return records;
      std::ranges::move(more, std::back_inserter(records));
    }
  }

  /// The numbers of those that have one.
  static Seqs Numbers(const std::vector<Record>& records) {
    Seqs numbers;
    for (const Record& record : records) {
      if (const auto* output = std::get_if<Output>(&record)) numbers.push_back(output->seq);
      if (const auto* finished = std::get_if<Finished>(&record)) numbers.push_back(finished->seq);
    }
    return numbers;
  }

  LinesPipe pipe_;
  Outbox outbox_{pipe_.TakeWriteEnd()};
};

TEST_F(OutboxTest, SaysWhatItKeeps) {
  outbox_.Say(Ready{"3.11.2", {}, 1});
  outbox_.Say(Started{"a", 1});
  Keep("one");
  KeepFinished();
  const auto records = Read();
  ASSERT_EQ(records.size(), 4U);
  EXPECT_EQ(records[0], Record(Ready{"3.11.2", {}, 1}));
  EXPECT_EQ(records[1], Record(Started{"a", 1}));
  EXPECT_EQ(records[2], Record(Output{0, 7, {{Stream::kStdout, "one", 0}}}));
  EXPECT_EQ(std::get<Finished>(records[3]).seq, 1);
  EXPECT_TRUE(outbox_.IsWritten());
  EXPECT_FALSE(outbox_.IsFinishedAcknowledged());
}

TEST_F(OutboxTest, ForgetsWhatIsAcknowledged) {
  Keep("one");
  Keep("two");
  KeepFinished();
  Read();
  EXPECT_TRUE(outbox_.Acknowledge(1));
  EXPECT_TRUE(outbox_.Acknowledge(1)) << "repeated";
  EXPECT_TRUE(outbox_.Acknowledge(0)) << "late";
  EXPECT_TRUE(outbox_.Resume(0, "a", 1));
  EXPECT_EQ(Numbers(Read()), (Seqs{1, 2}));
  EXPECT_TRUE(outbox_.Acknowledge(2));
  EXPECT_FALSE(outbox_.IsFinishedAcknowledged());
  EXPECT_TRUE(outbox_.Acknowledge(3));
  EXPECT_TRUE(outbox_.IsFinishedAcknowledged());
}

TEST_F(OutboxTest, BelievesNoAcknowledgementOfWhatWasNeverSent) {
  EXPECT_FALSE(outbox_.Acknowledge(1));
  Keep("one");
  EXPECT_FALSE(outbox_.Acknowledge(1)) << "kept, but not sent";
  Read();
  EXPECT_FALSE(outbox_.Acknowledge(2));
  EXPECT_FALSE(outbox_.Acknowledge(std::numeric_limits<std::int64_t>::max()));
  EXPECT_FALSE(outbox_.Resume(2, "a", 1));
  const auto records = Read();
  EXPECT_EQ(records.at(0), Record(Resumed{"a", 1, 0}));
  EXPECT_EQ(Numbers(records), Seqs{0});
}

TEST_F(OutboxTest, AnswersAResumeWithEverythingAgain) {
  EXPECT_TRUE(outbox_.Resume(0, "", 0));
  EXPECT_EQ(Read(), std::vector<Record>{Resumed{}});
  outbox_.Say(Ready{});
  outbox_.Say(Started{"a", 1});
  for (int i = 0; i < 5; ++i) Keep("x");
  Read();
  outbox_.AnswerStdin(4);
  Read();
  EXPECT_TRUE(outbox_.Resume(2, "a", 1));
  const auto records = Read();
  ASSERT_EQ(records.size(), 7U);
  EXPECT_EQ(records[0], Record(Resumed{"a", 1, 2}));
  EXPECT_EQ(records[1], Record(Ready{}));
  EXPECT_EQ(records[2], Record(Started{"a", 1}));
  EXPECT_EQ(records[3], Record(StdinAck{4})) << "how much of stdin was taken";
  EXPECT_EQ(Numbers(records), (Seqs{2, 3, 4}));
}

TEST_F(OutboxTest, KeepsToItsWindow) {
  for (int i = 0; i < 200; ++i) Keep(std::string(kFullRecord, 'a'));
  const auto first = Read();
  std::size_t bytes = 0;
  for (const Record& record : first) bytes += protocol::Encode(record).size();
  EXPECT_LE(bytes, protocol::kMaxUnacknowledged);
  EXPECT_GT(bytes, protocol::kMaxUnacknowledged - protocol::kMaxRecordLine);
  EXPECT_FALSE(outbox_.HasRoom());

  outbox_.Acknowledge(2);
  EXPECT_EQ(Read().size(), 2U) << "as much again as was acknowledged";
  outbox_.Resume(2, "a", 1);
  EXPECT_EQ(Numbers(Read()).size(), first.size()) << "the window begins anew";
  outbox_.IgnoreWindow();
  EXPECT_EQ(Numbers(Read()).back(), 199);
  EXPECT_TRUE(outbox_.IsWritten());
}

TEST_F(OutboxTest, GathersWhileSomethingWaits) {
  EXPECT_TRUE(outbox_.HasRoom());
  Keep("one");
  EXPECT_FALSE(outbox_.HasRoom());
  outbox_.Flush();
  EXPECT_TRUE(outbox_.HasRoom());
  // The reader is slow: the pipe is full, then what waits before it.
  for (int i = 0; i < 20; ++i) Keep(std::string(kFullRecord, 'a'));
  outbox_.Flush();
  EXPECT_FALSE(outbox_.HasRoom());
  Read();
  EXPECT_TRUE(outbox_.HasRoom());
}

TEST_F(OutboxTest, FinishesTheLineInFlightAndDropsTheRest) {
  for (int i = 0; i < 20; ++i) Keep(std::string(kFullRecord, 'a'));
  outbox_.Flush();  // until the pipe is full, in the middle of a line
  for (int i = 0; i < 1000; ++i) {
    outbox_.AnswerStdin(i);
    outbox_.Resume(0, "a", 1);
    outbox_.Flush();
    ASSERT_LE(outbox_.Sink().Waiting(), 64 * 1024 + 2 * protocol::kMaxRecordLine);
  }
  const auto records = Read();  // decodes every line
  const auto resumed = std::ranges::count_if(
      records, [](const Record& record) { return std::holds_alternative<Resumed>(record); });
  EXPECT_EQ(resumed, 1) << "the last one replaced the others";
  const auto numbers = Numbers(records);
  ASSERT_GE(numbers.size(), 20U);
  for (std::int64_t i = 0; i < 20; ++i) {
    EXPECT_EQ(numbers[numbers.size() - 20 + static_cast<std::size_t>(i)], i);
  }
}

TEST_F(OutboxTest, AnswersStdinOnceForAll) {
  for (int i = 0; i < 20; ++i) Keep(std::string(kFullRecord, 'a'));
  outbox_.Flush();
  for (int i = 0; i < 1000; ++i) {
    outbox_.AnswerStdin(i);
    outbox_.Flush();
  }
  std::vector<Record> answers;
  for (const Record& record : Read()) {
    if (std::holds_alternative<StdinAck>(record)) answers.push_back(record);
  }
  ASSERT_FALSE(answers.empty());
  EXPECT_LE(answers.size(), 2U);
  EXPECT_EQ(answers.back(), Record(StdinAck{999}));
}

TEST_F(OutboxTest, AcknowledgementsOfOneReaderReachAnotherOnesAnswer) {
  for (int i = 0; i < 30; ++i) Keep(std::string(kFullRecord, 'a'));
  Read();
  outbox_.Resume(0, "a", 1);
  outbox_.Flush();  // some of it
  EXPECT_TRUE(outbox_.Acknowledge(25));
  const auto numbers = Numbers(Read());
  EXPECT_EQ(Seqs(numbers.end() - 5, numbers.end()), (Seqs{25, 26, 27, 28, 29}));
  EXPECT_TRUE(outbox_.Acknowledge(30));
  for (int i = 0; i < 60; ++i) Keep(std::string(kFullRecord, 'a'));
  EXPECT_EQ(Numbers(Read()).front(), 30);
}

TEST_F(OutboxTest, LosesNothingWhateverItIsTold) {
  std::mt19937 random(7);
  std::int64_t stored = 0;  // of an honest reader: what it knows without a gap
  std::int64_t expected = 0;
  std::int64_t made = 0;
  const auto take = [&](const std::vector<Record>& records) {
    for (const Record& record : records) {
      if (const auto* resumed = std::get_if<Resumed>(&record)) expected = resumed->seq;
      const auto* output = std::get_if<Output>(&record);
      if (output == nullptr) continue;
      // What the reader has stored may be left out: an acknowledgement overtakes an answer.
      ASSERT_GE(output->seq, expected);
      ASSERT_LE(output->seq, std::max(expected, stored)) << "a gap";
      expected = output->seq + 1;
      stored = std::max(stored, expected);
      ASSERT_EQ(output->pieces[0].data[0], static_cast<char>('a' + output->seq % 26));
    }
  };
  for (int step = 0; step < 20'000; ++step) {
    switch (random() % 7) {
      case 0:
        Keep(std::string(1 + random() % kFullRecord, static_cast<char>('a' + made % 26)));
        ++made;
        break;
      case 1:
        EXPECT_TRUE(outbox_.Acknowledge(stored));
        break;
      case 2:
        EXPECT_FALSE(outbox_.Acknowledge(made + 1 + static_cast<std::int64_t>(random() % 5)));
        break;
      case 3:
        outbox_.Resume(random() % 2 == 0 ? stored : 0, "a", 1);
        break;
      case 4:
        outbox_.AnswerStdin(step);
        break;
      default:
        outbox_.Flush();
        take(pipe_.Read());
    }
  }
  for (std::int64_t before = -1; before != stored;) {
    before = stored;
    outbox_.Acknowledge(stored);
    take(Read());
  }
  outbox_.Resume(stored, "a", 1);
  take(Read());
  EXPECT_EQ(stored, made);
}

TEST_F(OutboxTest, DiscardsEverythingOnceTheReaderIsGone) {
  pipe_.CloseReadEnd();
  for (int i = 0; i < 20; ++i) Keep(std::string(kFullRecord, 'a'));
  KeepFinished();
  outbox_.Flush();
  EXPECT_TRUE(outbox_.IsClosed());
  EXPECT_TRUE(outbox_.IsWritten());
}

}  // namespace
}  // namespace oneshot::runner
