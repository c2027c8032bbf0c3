#include "api/event_session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "core/domain/run_id.h"
#include "tests/support/hand_clock.h"
#include "tests/support/store/cold_attempt.h"
#include "tests/support/store/memory_run_store.h"
#include "tests/unit/api/text_stream.h"

namespace oneshot::api {
namespace {

using domain::RunStatus;
using domain::Stream;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using Next = RunWatch::Next;
using Reason = RunWatch::Reason;

domain::OutputRecord Record(std::int64_t seq, Stream stream, std::string data) {
  domain::OutputRecord record;
  record.seq = seq;
  record.pieces = {{.stream = stream, .data = std::move(data)}};
  return record;
}

struct EventSessionTest : testing::Test {
  void SetUp() override {
    ASSERT_TRUE(store.Submit({.id = id, .spec = {}, .submitter = {}}));
    epoch = *store.TakeEpoch("test");
  }
  void Claim() { ASSERT_EQ(store.Claim(epoch, {.cold_slots = 1})->runs.size(), 1U); }
  void Print(std::vector<domain::OutputRecord> records, int attempt = 1) {
    const store::Progress progress{
        .job = {.name = "run-1"}, .started_ago = base::Milliseconds(0), .records = records};
    ASSERT_TRUE(store.RecordProgress(epoch, test::ColdAttempt(id, attempt), progress));
  }
  void Finish(int attempt = 1) {
    domain::Outcome outcome;
    outcome.status = RunStatus::kSucceeded;
    outcome.reason = "exited";
    outcome.exit_code = 0;
    ASSERT_TRUE(store.Finish(epoch, test::ColdAttempt(id, attempt), {}, outcome));
  }
  EventSession Session(std::optional<wire::EventId> resume = {}) {
    stream = std::make_shared<test::TextStream>();
    return EventSession(store, clock, "oneshot-runs", id, resume, stream);
  }
  /// What was written since the last call.
  std::string Written() { return std::exchange(stream->text, ""); }

  const std::string id{domain::NewRunId(base::WallTime{} + std::chrono::hours(1))};
  test::HandClock clock;
  test::MemoryRunStore store{clock};
  std::int64_t epoch{0};
  std::shared_ptr<test::TextStream> stream;
};

TEST_F(EventSessionTest, TellsEachStateOnceAndThenTheEnd) {
  EventSession session = Session();
  EXPECT_EQ(session.Look(Reason::kChanged), Next::kWait);
  EXPECT_THAT(Written(),
              AllOf(StartsWith("retry: 2000\n\n"), HasSubstr("\"queued\",\"queue_position\":1")));
  EXPECT_EQ(session.Look(Reason::kSweep), Next::kWait);
  EXPECT_EQ(Written(), "");
  Claim();
  session.Look(Reason::kChanged);
  EXPECT_EQ(Written(), wire::StatusEvent({.status = RunStatus::kStarting, .attempt = 1}));
  Print({Record(0, Stream::kStdout, "a"), Record(1, Stream::kStderr, "b")});
  session.Look(Reason::kChanged);
  EXPECT_THAT(Written(), AllOf(HasSubstr("\"running\""),
                               HasSubstr("event: stdout\nid: 1-0\ndata: {\"text\":\"a\""),
                               HasSubstr("event: stderr\nid: 1-1\ndata: {\"text\":\"b\"")));
  Finish();
  EXPECT_EQ(session.Look(Reason::kChanged), Next::kDone);
  EXPECT_THAT(Written(),
              AllOf(StartsWith("event: end\ndata: {\"id\":\"" + id), HasSubstr("\"exit_code\":0")));
}

TEST_F(EventSessionTest, WhoComesLateGetsEverything) {
  Claim();
  Print({Record(0, Stream::kStdout, "a")});
  Finish();
  EventSession session = Session();
  EXPECT_EQ(session.Look(Reason::kChanged), Next::kDone);
  EXPECT_THAT(Written(), AllOf(HasSubstr("id: 1-0"), HasSubstr("event: end")));
}

TEST_F(EventSessionTest, ResumesAfterTheLastRecord) {
  Claim();
  Print({Record(0, Stream::kStdout, "a"), Record(1, Stream::kStdout, "b"),
         Record(2, Stream::kStdout, "c")});
  EventSession session = Session(wire::EventId{1, 1});
  session.Look(Reason::kChanged);
  EXPECT_THAT(Written(), AllOf(Not(HasSubstr("id: 1-0")), Not(HasSubstr("id: 1-1")),
                               HasSubstr("id: 1-2"), Not(HasSubstr("reset"))));
}

TEST_F(EventSessionTest, ACharacterCutBetweenRecordsComesOutWholeAlsoAfterAResume) {
  Claim();
  Print({Record(0, Stream::kStdout, "\xE2\x86"), Record(1, Stream::kStderr, "x"),
         Record(2, Stream::kStdout, "\x92!")});
  EventSession whole = Session();
  whole.Look(Reason::kChanged);
  EXPECT_THAT(Written(), AllOf(HasSubstr("id: 1-0\ndata: {\"text\":\"\""),
                               HasSubstr("{\"text\":\"\xE2\x86\x92!\"")));
  EventSession resumed = Session(wire::EventId{1, 0});
  resumed.Look(Reason::kChanged);
  EXPECT_THAT(Written(), HasSubstr("id: 1-2\ndata: {\"text\":\"\xE2\x86\x92!\""));
}

TEST_F(EventSessionTest, WhatStaysUnfinishedIsReplacedAtTheEnd) {
  Claim();
  Print({Record(0, Stream::kStdout, "a\xE2\x86")});
  Finish();
  EventSession session = Session();
  session.Look(Reason::kChanged);
  EXPECT_THAT(Written(), HasSubstr("event: stdout\ndata: {\"text\":\"\xEF\xBF\xBD\""));
}

TEST_F(EventSessionTest, AGapEndsACharacter) {
  Claim();
  domain::OutputRecord tail = Record(1, Stream::kStdout, "\x92z");
  tail.pieces[0].dropped_bytes = 5;
  Print({Record(0, Stream::kStdout, "\xE2\x86"), tail});
  EventSession session = Session();
  session.Look(Reason::kChanged);
  EXPECT_THAT(Written(),
              HasSubstr("{\"text\":\"\xEF\xBF\xBD\xEF\xBF\xBDz\",\"ms\":0,\"dropped_bytes\":5}"));
}

TEST_F(EventSessionTest, ARecordOfSeveralPiecesIsResumedAsAWhole) {
  Claim();
  domain::OutputRecord both = Record(0, Stream::kStdout, "a");
  both.pieces.push_back({.stream = Stream::kStderr, .data = "b"});
  both.pieces.push_back({.stream = Stream::kStdout, .data = "c"});
  Print({both, Record(1, Stream::kStdout, "d")});
  const std::string whole =
      "event: stdout\ndata: {\"text\":\"a\",\"ms\":0}\n\n"
      "event: stderr\ndata: {\"text\":\"b\",\"ms\":0}\n\n"
      "event: stdout\nid: 1-0\ndata: {\"text\":\"c\",\"ms\":0}\n\n";
  EventSession session = Session();
  session.Look(Reason::kChanged);
  EXPECT_THAT(Written(), HasSubstr(whole));
  EventSession resumed = Session(wire::EventId{1, 0});
  resumed.Look(Reason::kChanged);
  EXPECT_THAT(Written(), AllOf(Not(HasSubstr("\"b\"")), HasSubstr("id: 1-1")));
}

TEST_F(EventSessionTest, TellsWhyARunWaitsAndHowOftenItWasInterrupted) {
  Claim();
  ASSERT_TRUE(store.Interrupt(epoch, test::ColdAttempt(id, 1),
                              {.reason = "no_room", .message = "no room", .may_have_begun = false},
                              {}));
  EventSession session = Session();
  session.Look(Reason::kChanged);
  EXPECT_THAT(Written(), HasSubstr("\"attempt\":1,\"message\":\"no room\",\"interruptions\":0}"));
  Claim();
  ASSERT_TRUE(store.Interrupt(epoch, test::ColdAttempt(id, 2),
                              {.reason = "node_lost", .message = "gone"}, {}));
  session.Look(Reason::kChanged);
  EXPECT_THAT(Written(), HasSubstr("\"message\":\"gone\",\"interruptions\":1}"));
}

TEST_F(EventSessionTest, ANewAttemptVoidsWhatWasShown) {
  Claim();
  Print({Record(0, Stream::kStdout, "first")});
  EventSession session = Session();
  session.Look(Reason::kChanged);
  Written();
  ASSERT_TRUE(store.Interrupt(epoch, test::ColdAttempt(id, 1), {.reason = "node_lost"}, {}));
  Claim();
  Print({Record(0, Stream::kStdout, "second")}, /*attempt=*/2);
  session.Look(Reason::kChanged);
  EXPECT_THAT(Written(),
              AllOf(StartsWith("event: reset\ndata: {\"attempt\":2}"), HasSubstr("id: 2-0")));

  EventSession resumed = Session(wire::EventId{1, 0});
  resumed.Look(Reason::kChanged);
  EXPECT_THAT(Written(), AllOf(HasSubstr("event: reset"), HasSubstr("id: 2-0")));
}

TEST_F(EventSessionTest, OneLookAsksTheStoreOnce) {
  EventSession session = Session();
  int calls = store.Calls();
  session.Look(Reason::kChanged);
  EXPECT_EQ(store.Calls(), ++calls) << "queued: state and position";
  Claim();
  Print({Record(0, Stream::kStdout, "first")});
  calls = store.Calls();
  session.Look(Reason::kChanged);
  EXPECT_EQ(store.Calls(), ++calls) << "running: state and output";
  ASSERT_TRUE(store.Interrupt(epoch, test::ColdAttempt(id, 1), {.reason = "node_lost"}, {}));
  Claim();
  Print({Record(0, Stream::kStdout, "second")}, /*attempt=*/2);
  calls = store.Calls();
  session.Look(Reason::kChanged);
  EXPECT_EQ(store.Calls(), ++calls) << "also when the attempt is another one";
  EXPECT_THAT(Written(), HasSubstr("id: 2-0"));
}

TEST_F(EventSessionTest, LongOutputWaitsForASlowReaderWithoutHoldingIt) {
  Claim();
  std::vector<domain::OutputRecord> records;
  for (int i = 0; i < 100; ++i)
    records.push_back(Record(i, Stream::kStdout, std::string(10'000, 'x')));
  Print(records);
  EventSession session = Session();
  stream->reads_nothing = true;
  EXPECT_EQ(session.Look(Reason::kChanged), Next::kSoon);
  EXPECT_LT(stream->pending, 3 * PacedStream::kMaxPending);
  std::string all = Written();
  while (stream->pending > 0) {
    stream->pending = 0;
    session.Look(Reason::kSweep);
    all += Written();
  }
  EXPECT_THAT(all, HasSubstr("id: 1-99\n"));
}

// As events, a record of single characters is fifty times as long.
TEST_F(EventSessionTest, SingleCharactersInTurnAreNotHeldForASlowReaderEither) {
  Claim();
  std::vector<domain::OutputRecord> records;
  for (int i = 0; i < 100; ++i) {
    domain::OutputRecord& record = records.emplace_back();
    record.seq = i;
    for (int piece = 0; piece < 200; ++piece)
      record.pieces.push_back(
          {.stream = piece % 2 == 0 ? Stream::kStdout : Stream::kStderr, .data = "#"});
  }
  Print(records);
  EventSession session = Session();
  stream->reads_nothing = true;
  EXPECT_EQ(session.Look(Reason::kChanged), Next::kSoon);
  EXPECT_LT(stream->pending, 2 * PacedStream::kMaxPending);
  std::string all = Written();
  while (stream->pending > 0) {
    stream->pending = 0;
    session.Look(Reason::kSweep);
    all += Written();
  }
  EXPECT_EQ(std::count(all.begin(), all.end(), '#'), 20'000);
}

TEST_F(EventSessionTest, WhoReadsNothingForLongIsLetGo) {
  Claim();
  Print({Record(0, Stream::kStdout, std::string(200'000, 'x'))});
  EventSession session = Session();
  stream->reads_nothing = true;
  EXPECT_EQ(session.Look(Reason::kChanged), Next::kSoon);
  clock.now += PacedStream::kPatience / 2;
  EXPECT_EQ(session.Look(Reason::kSweep), Next::kSoon);
  stream->pending -= 1;  // it reads after all
  clock.now += PacedStream::kPatience;
  EXPECT_EQ(session.Look(Reason::kSweep), Next::kSoon);
  clock.now += PacedStream::kPatience + std::chrono::seconds(1);
  EXPECT_EQ(session.Look(Reason::kSweep), Next::kDone);
}

TEST_F(EventSessionTest, AQuietStreamBeatsAlsoWhileTheDatabaseIsAway) {
  EventSession session = Session();
  session.Look(Reason::kChanged);
  Written();
  clock.now += EventSession::kHeartbeatPeriod;
  session.Look(Reason::kSweep);
  EXPECT_EQ(Written(), wire::kHeartbeat);
  store.SetUnavailable(true);
  clock.now += EventSession::kHeartbeatPeriod;
  EXPECT_EQ(session.Look(Reason::kSweep), Next::kWait);
  EXPECT_EQ(Written(), wire::kHeartbeat);
}

TEST_F(EventSessionTest, EndsWhenTheClientHasGoneTheRunIsDeletedOrWeStop) {
  EventSession gone = Session();
  stream->is_over = true;
  EXPECT_EQ(gone.Look(Reason::kSweep), Next::kDone);
  EventSession stopping = Session();
  EXPECT_EQ(stopping.Look(Reason::kStopping), Next::kDone);
  Claim();
  Finish();
  ASSERT_TRUE(store.Delete(id));
  EventSession deleted = Session();
  EXPECT_EQ(deleted.Look(Reason::kChanged), Next::kDone);
}

TEST_F(EventSessionTest, TheStreamEndsWithItsSession) {
  { EventSession session = Session(); }
  EXPECT_TRUE(stream->IsOver());
}

}  // namespace
}  // namespace oneshot::api
