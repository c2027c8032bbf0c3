// A runner that lies ends its own run, and costs bounded memory.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/controller/delivery/inbox_fixture.h"

namespace oneshot::delivery {
namespace {

using protocol::Encode;
using protocol::Record;

TEST_F(InboxTest, RecordsOfAnotherRunOrAttemptAreAFault) {
  for (const std::string& lie :
       {Started("other"), Started("r", 2), Resumed(0, "other"), Finished(0, "", "other")}) {
    Expect();
    FeedAnswered({lie});
    EXPECT_EQ(Fault(), "the runner has another run") << lie;
    EXPECT_FALSE(inbox_.progress().started) << lie;
    EXPECT_FALSE(inbox_.progress().finished) << lie;
  }
}

TEST(Inbox, AWaitingRunnerThatHasARunIsAFault) {
  Inbox inbox;
  const std::string line = Resumed(0);
  inbox.FeedLine(std::string_view(line).substr(0, line.size() - 1));
  EXPECT_EQ(inbox.progress().fault, "the runner has a run that nobody gave it");
}

TEST_F(InboxTest, BytesThatAreNotThoseTheRunnerHashedAreAFault) {
  FeedAnswered({Started(), Output(0, "a"), Finished(1, "b")});
  EXPECT_EQ(Fault(), "the runner's checksum does not match its records");
  EXPECT_FALSE(inbox_.progress().complete);
}

TEST_F(InboxTest, AProgramThatBeganCannotBeForgotten) {
  FeedAnswered({Started(), Resumed(0, "")});
  EXPECT_NE(Fault(), "");
  Expect();
  FeedAnswered({Started(), Finished(0, "", "")});
  EXPECT_NE(Fault(), "");
  Expect(/*next_seq=*/2);  // its output is stored
  inbox_.BeginLink();
  Feed({Resumed(0, "")});
  EXPECT_NE(Fault(), "");
  EXPECT_FALSE(inbox_.TakeWanted().run);
}

TEST_F(InboxTest, TwoDifferentEndsAreAFault) {
  FeedAnswered({Output(0, "a"), Finished(1, "a"), Finished(1, "b")});
  EXPECT_EQ(Fault(), "the runner sent two different ends");
}

TEST_F(InboxTest, MoreRecordsThanTheEndCountsAreAFault) {
  FeedAnswered({Output(0, "a"), Finished(1, "a"), Output(1, "b")});
  EXPECT_EQ(Fault(), "the runner sent more records than its end counts");
  Expect();
  FeedAnswered({Output(0, "a"), Output(1, "b"), Finished(1, "a")});
  EXPECT_EQ(Fault(), "the runner sent more records than its end counts");
}

TEST_F(InboxTest, AcknowledgementsOfInputWithoutEndAreAFault) {
  FeedAnswered({Encode(Record(protocol::StdinAck{.seq = 3}))});
  EXPECT_EQ(inbox_.acknowledged_stdin(), 3);
  Feed({Encode(Record(protocol::StdinAck{.seq = 2}))});
  EXPECT_EQ(inbox_.acknowledged_stdin(), 3);
  EXPECT_EQ(Fault(), "");
  const std::vector<std::string> many(100'000, Encode(Record(protocol::StdinAck{.seq = 3})));
  Feed(many);
  EXPECT_EQ(Fault(), "the runner acknowledges input without end");
}

TEST_F(InboxTest, GapsWithoutEndAreAFault) {
  FeedAnswered({Output(0, "a")});
  int resumes = 0;
  while (Fault().empty() && resumes < 100) {
    Feed({Output(2, "c")});
    if (inbox_.TakeWanted().resume) Feed({Resumed(inbox_.AskToResume())});
    ++resumes;
  }
  EXPECT_EQ(Fault(), "the runner leaves records out");
  EXPECT_LE(resumes, 20);
  EXPECT_EQ(Text(), "a");
}

TEST_F(InboxTest, GapsThatAreFilledAreNot) {
  std::int64_t next = 0;
  for (int i = 0; i < 100; ++i) {
    FeedAnswered({Output(next + 1, "x")});
    FeedAnswered({Output(next, "x"), Output(next + 1, "x")});
    next += 2;
    inbox_.Stored(next);
  }
  EXPECT_EQ(Fault(), "");
}

/// Says `line` until it is a fault; returns how many bytes that took.
class InboxFloodTest : public InboxTest {
 protected:
  static constexpr std::size_t kEnough = 200 * protocol::kMaxUnacknowledged;
  std::size_t Flood(const std::string& line) {
    std::size_t said = 0;
    for (; Fault().empty() && said < kEnough; said += line.size()) Feed({line});
    EXPECT_NE(Fault(), "") << "after " << said << " bytes of " << line.substr(0, 60);
    return said;
  }
};

TEST_F(InboxFloodTest, WhateverIsRepeatedWithoutEndIsAFault) {
  // Long ones, of which fewer make a flood.
  const std::string run_id(10'000, 'r');
  for (const std::string& line :
       {Output(0, std::string(10'000, 'x')), Started(run_id), Resumed(0, run_id),
        Finished(5, "", run_id),
        Encode(Record(protocol::Ready{.python = run_id, .preloaded = {}, .preload_ms = 1}))}) {
    inbox_ = {};
    inbox_.Expect(run_id, 1, 0, kMaxData);
    Flood(line);
    EXPECT_LE(inbox_.unstored().size(), 1U);
  }
}

// A database that is away for minutes, while the runner is asked every four seconds.
TEST_F(InboxTest, AWindowThatIsSaidAgainForEachResumeIsNoFault) {
  std::vector<std::string> window;
  for (std::int64_t seq = 0; seq < 60; ++seq)
    window.push_back(Output(seq, std::string(8'000, 'x')));
  for (int i = 0; i < 115; ++i) FeedAnswered(window);
  EXPECT_EQ(Fault(), "");
  EXPECT_EQ(inbox_.unstored().size(), window.size());
}

TEST_F(InboxFloodTest, GarbageWithoutEndIsAFault) {
  for (const char* garbage : {"garbage", "{}", "[]", R"({"type":"output","seq":-1,"pieces":[]})"}) {
    Expect();
    FeedAnswered({});
    Flood(garbage);
    EXPECT_EQ(Fault(), "the runner sends what is no record") << garbage;
  }
}

// It waits for a run that will not come; its pod ends, and the run starts over.
TEST_F(InboxTest, ARunnerOfAnotherProtocolIsNoFault) {
  inbox_.BeginLink();
  for (int i = 0; i < 10'000; ++i) Feed({R"({"type":"stdout","seq":0,"ms":1,"data":"x"})"});
  EXPECT_EQ(Fault(), "");
  EXPECT_THAT(inbox_.unstored(), testing::IsEmpty());
}

TEST_F(InboxTest, MoreOutputThanTheLimitIsAFault) {
  Expect(/*next_seq=*/0, /*max_data_bytes=*/10);
  FeedAnswered({Output(0, "0123456789")});
  EXPECT_EQ(Fault(), "");
  Feed({Output(1, "x")});
  EXPECT_EQ(Fault(), "the runner sent more output than its limit");
  EXPECT_EQ(Text(), "0123456789");
}

TEST_F(InboxTest, TheLogKeepsTheLimitToo) {
  Expect(/*next_seq=*/0, /*max_data_bytes=*/10);
  inbox_.FeedLog(Output(0, "0123456789") + Output(1, "x"));
  EXPECT_EQ(Fault(), "the runner sent more output than its limit");
}

TEST_F(InboxFloodTest, MoreThanAWindowThatIsNotAcknowledgedIsNotKeptAndIsAFaultInTheEnd) {
  Expect(0, /*max_data_bytes=*/1LL << 40);
  FeedAnswered({});
  const std::string data(10'000, 'x');
  std::size_t said = 0;
  for (std::int64_t seq = 0; Fault().empty() && said < kEnough; said += data.size()) {
    Feed({Output(seq++, data)});
    if (inbox_.TakeWanted().resume) {
      seq = inbox_.AskToResume();
      Feed({Resumed(seq)});
    }
    ASSERT_LE(inbox_.unstored_bytes(), 2 * protocol::kMaxUnacknowledged);
  }
  EXPECT_NE(Fault(), "");
}

TEST_F(InboxTest, ARunnerThatIsToldToStopMaySayAllThatItHas) {
  FeedAnswered({});
  const std::string data(10'000, 'x');
  std::string log;
  std::string kept;
  constexpr std::int64_t kRecords = 300;
  for (std::int64_t seq = 0; seq < kRecords; ++seq) {
    log += Output(seq, data);
    kept += data;
    Feed({Output(seq, data)});
  }
  log += Finished(kRecords, kept);
  Feed({Finished(kRecords, kept)});
  EXPECT_EQ(Fault(), "");
  EXPECT_LE(inbox_.unstored_bytes(), 2 * protocol::kMaxUnacknowledged);
  EXPECT_FALSE(inbox_.progress().complete);
  inbox_.FeedLog(log);
  EXPECT_TRUE(inbox_.progress().complete);
  EXPECT_EQ(Fault(), "");
}

// They would cost memory and rows and be charged to no limit.
TEST_F(InboxTest, RecordsWithoutDataAreBoundedToo) {
  FeedAnswered({});
  std::int64_t seq = 0;
  while (Fault().empty() && seq < 100'000) {
    Feed({Encode(Record(protocol::Output{.seq = seq, .ms = 1, .pieces = {}}))});
    inbox_.Stored(++seq);
  }
  EXPECT_LE(seq, 200);
}

// The runner has looked at it before; but a controller trusts no runner.
TEST_F(InboxTest, NoFileComesBackThatMayNot) {
  const protocol::Display good{.seq = 1,
                               .ms = 1,
                               .data = "x",
                               .number = 99,
                               .mime = "application/octet-stream",
                               .alt = "plots/ä.png",
                               .bytes = 1};
  const auto fault_of = [&](const std::function<void(protocol::Display&)>& change) {
    protocol::Display file = good;
    change(file);
    Expect();
    FeedAnswered({Output(0, "a"), Encode(Record(file))});
    return Fault();
  };
  EXPECT_EQ(fault_of([](protocol::Display&) {}), "");
  EXPECT_NE(fault_of([](protocol::Display& it) { it.number = 100; }), "");
  EXPECT_NE(fault_of([](protocol::Display& it) { it.alt = "../../etc/passwd"; }), "");
  EXPECT_NE(fault_of([](protocol::Display& it) { it.alt = ""; }), "");
  EXPECT_NE(fault_of([](protocol::Display& it) { it.bytes = 1LL << 40; }), "");
  EXPECT_NE(fault_of([](protocol::Display& it) { it.part = 2, it.parts = 3; }), "");
}

TEST_F(InboxTest, ManyEmptyFilesMayComeBack) {
  Expect();
  std::vector<std::string> lines;
  for (int i = 0; i < 100; ++i) {
    lines.push_back(Encode(Record(protocol::Display{
        .seq = i, .number = i, .mime = "application/octet-stream", .alt = std::to_string(i)})));
  }
  FeedAnswered(lines);
  EXPECT_EQ(Fault(), "");
}

TEST_F(InboxTest, NothingIsShownThatMayNotBe) {
  const protocol::Display good{.seq = 3,
                               .ms = 1,
                               .part = 1,
                               .parts = 2,
                               .data = "x",
                               .number = 19,
                               .mime = "image/png",
                               .width = 4096,
                               .height = 4096,
                               .alt = std::string(protocol::kMaxAlt, 'a'),
                               .bytes = 2 << 20};
  const auto fault_of = [&](const std::function<void(protocol::Display&)>& change) {
    protocol::Display display = good;
    change(display);
    Expect();
    FeedAnswered({Output(0, "a"), Output(1, "b"), Output(2, "c"), Encode(Record(display))});
    return Fault();
  };
  EXPECT_EQ(fault_of([](protocol::Display&) {}), "");
  EXPECT_NE(fault_of([](protocol::Display& it) { it.mime = "text/html"; }), "");
  EXPECT_NE(fault_of([](protocol::Display& it) { it.number = 20; }), "");
  EXPECT_NE(fault_of([](protocol::Display& it) { it.width = 4097; }), "");
  EXPECT_NE(fault_of([](protocol::Display& it) { it.bytes = (2 << 20) + 1; }), "");
  EXPECT_NE(fault_of([](protocol::Display& it) { it.alt += 'a'; }), "");
  EXPECT_NE(fault_of([](protocol::Display& it) { it.part = 4, it.parts = 5; }), "")
      << "it would begin before the first record";
}

TEST_F(InboxTest, SmallRecordsOfAWholeWindowAreNoFault) {
  FeedAnswered({});
  std::size_t said = 0;
  for (std::int64_t seq = 0; said < protocol::kMaxUnacknowledged; ++seq) {
    const std::string line = Output(seq, "x");
    said += line.size();
    Feed({line});
  }
  EXPECT_EQ(Fault(), "");
  EXPECT_LE(inbox_.unstored_bytes(), said) << "an estimate from below";
}

TEST_F(InboxTest, NothingCountsAfterAFault) {
  FeedAnswered({Output(0, "a"), Finished(1, "a"), Finished(1, "b"), Started()});
  ASSERT_NE(Fault(), "");
  EXPECT_FALSE(inbox_.progress().started);
}

}  // namespace
}  // namespace oneshot::delivery
