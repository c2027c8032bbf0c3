// What an honest runner says, over links that break and from logs with holes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/controller/delivery/inbox_fixture.h"

namespace oneshot::delivery {
namespace {

using protocol::Encode;
using protocol::Record;
using testing::ElementsAre;
using testing::IsEmpty;

TEST_F(InboxTest, LetsRecordsThroughAsTheyCome) {
  FeedAnswered({Started(), Output(0, "a")});
  EXPECT_TRUE(inbox_.progress().started);
  EXPECT_EQ(Text(), "a");
  Feed({Output(1, "b"), Finished(2, "ab")});
  EXPECT_EQ(Text(), "ab");
  EXPECT_TRUE(inbox_.progress().complete);
  EXPECT_EQ(Fault(), "");
}

TEST_F(InboxTest, KeepsStreamsTimesAndDroppedBytes) {
  FeedAnswered({Encode(Record(protocol::Output{
      .seq = 0,
      .ms = 12,
      .pieces = {{.stream = protocol::Stream::kStdout, .data = "a", .dropped_bytes = 0},
                 {.stream = protocol::Stream::kStderr, .data = "\xff", .dropped_bytes = 7}}}))});
  EXPECT_THAT(
      inbox_.unstored(),
      ElementsAre(domain::OutputRecord{
          .seq = 0,
          .ms = 12,
          .pieces = {{.stream = domain::Stream::kStdout, .data = "a", .dropped_bytes = 0},
                     {.stream = domain::Stream::kStderr, .data = "\xff", .dropped_bytes = 7}},
          .display = {}}));
}

TEST_F(InboxTest, PartsOfADisplayAreNumberedTogetherWithOutput) {
  FeedAnswered(
      {Output(0, "a"),
       Encode(Record(protocol::Display{.seq = 1, .ms = 2, .part = 0, .parts = 2, .data = "pict"})),
       Encode(Record(protocol::Display{.seq = 2,
                                       .ms = 2,
                                       .part = 1,
                                       .parts = 2,
                                       .data = "ure",
                                       .number = 3,
                                       .mime = "image/png",
                                       .width = 640,
                                       .height = 480,
                                       .alt = "A title",
                                       .bytes = 7})),
       Finished(3, "a")});
  ASSERT_EQ(inbox_.unstored().size(), 3U);
  EXPECT_EQ(inbox_.unstored()[1].display, (domain::DisplayPart{.data = "pict"}));
  EXPECT_EQ(inbox_.unstored()[2].display,
            (domain::DisplayPart{.data = "ure",
                                 .whole = domain::Display{.number = 3,
                                                          .mime = "image/png",
                                                          .width = 640,
                                                          .height = 480,
                                                          .alt = "A title",
                                                          .bytes = 7,
                                                          .first_seq = 1,
                                                          .last_seq = 2}}));
  EXPECT_TRUE(inbox_.progress().complete);
}

TEST_F(InboxTest, WhatWasSaidBeforeTheAnswerCountsOnlyWhereItFits) {
  inbox_.BeginLink();
  Feed({Output(3, "d"), Output(0, "a")});  // meant for an earlier link, then in order by chance
  EXPECT_EQ(Text(), "a");
  EXPECT_FALSE(inbox_.TakeWanted().resume) << "the answer to the first one is on its way";
  Feed({Resumed(0), Output(0, "a"), Output(1, "b")});
  EXPECT_EQ(Text(), "ab");
  EXPECT_TRUE(inbox_.TakeWanted().answered);
}

TEST_F(InboxTest, AGapAsksForAResumeOnce) {
  FeedAnswered({Output(0, "a")});
  Feed({Output(2, "c")});
  EXPECT_TRUE(inbox_.TakeWanted().resume);
  Feed({Output(3, "d"), Finished(4, "abcd")});
  EXPECT_FALSE(inbox_.TakeWanted().resume) << "one is on its way";
  EXPECT_FALSE(inbox_.progress().complete);
  Feed({Resumed(1), Output(1, "b"), Output(2, "c"), Output(3, "d"), Finished(4, "abcd")});
  EXPECT_EQ(Text(), "abcd");
  EXPECT_TRUE(inbox_.progress().complete);
}

TEST_F(InboxTest, AMissingRecordBeforeTheEndAsksForAResumeToo) {
  FeedAnswered({});
  Feed({Finished(1, "a")});
  EXPECT_TRUE(inbox_.TakeWanted().resume);
  EXPECT_TRUE(inbox_.progress().finished);
  EXPECT_FALSE(inbox_.progress().complete);
}

TEST_F(InboxTest, RecordsThatComeAgainAreDropped) {
  FeedAnswered({Started(), Output(0, "a"), Output(1, "b")});
  FeedAnswered({Started(), Output(0, "a"), Output(1, "b"), Finished(2, "ab"), Finished(2, "ab")});
  EXPECT_EQ(Text(), "ab");
  EXPECT_TRUE(inbox_.progress().complete);
}

// The runner forgets what comes before the number that `resume` asks for.
TEST_F(InboxTest, AsksToResumeFromWhatIsNotStoredAndNotFromWhatHasNotCome) {
  FeedAnswered({Output(0, "a"), Output(1, "b")});
  EXPECT_EQ(inbox_.AskToResume(), 0);
  inbox_.Stored(1);
  EXPECT_EQ(inbox_.AskToResume(), 1);
  Feed({Finished(2, "ab")});
  inbox_.Stored(2);
  EXPECT_EQ(inbox_.AskToResume(), 2) << "the end itself is not stored";
  inbox_.StoredEnd();
  EXPECT_EQ(inbox_.AskToResume(), 3);
}

TEST_F(InboxTest, AnEndThatIsStoredIsAcknowledgedWhateverElseComes) {
  inbox_.FeedLog(Output(0, "a") + Finished(2, "ab"));
  inbox_.Stored(1);
  inbox_.StoredEnd();  // as incomplete
  inbox_.FeedLog(Output(1, "b"));
  EXPECT_EQ(inbox_.AskToResume(), 3);
}

TEST_F(InboxTest, WhatIsStoredIsForgottenAndTheRestWaits) {
  FeedAnswered({Output(0, "a"), Output(1, "b"), Output(2, "c")});
  const std::size_t before = inbox_.unstored_bytes();
  inbox_.Stored(2);
  EXPECT_EQ(Text(), "c");
  EXPECT_LT(inbox_.unstored_bytes(), before);
  inbox_.Stored(3);
  EXPECT_EQ(inbox_.unstored_bytes(), 0U);
  EXPECT_FALSE(inbox_.progress().has_lost_records);
}

TEST_F(InboxTest, TheAnswerToAnotherControllersResumeChangesNothing) {
  FeedAnswered({Output(0, "a")});
  // Its controller had stored more; what follows that answer has a gap for us.
  Feed({Resumed(2), Output(2, "c")});
  Feed({Resumed(1), Output(1, "b"), Output(2, "c")});
  EXPECT_EQ(Text(), "abc");
  // And one that had stored less.
  Feed({Resumed(0), Output(0, "a"), Output(1, "b"), Output(2, "c"), Output(3, "d")});
  EXPECT_EQ(Text(), "abcd");
  EXPECT_FALSE(inbox_.progress().has_lost_records);
  EXPECT_EQ(Fault(), "");
}

TEST_F(InboxTest, ARunnerThatHoldsOnlyLaterRecordsMeansThatTheDatabaseForgot) {
  Expect(/*next_seq=*/2);
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(inbox_.progress().has_lost_records);
    inbox_.BeginLink();
    Feed({Resumed(5), Output(5, "x")});
    EXPECT_FALSE(inbox_.TakeWanted().answered);
  }
  EXPECT_TRUE(inbox_.progress().has_lost_records);
  EXPECT_THAT(inbox_.unstored(), IsEmpty());
}

TEST_F(InboxTest, AStoreThatHasLessThanItConfirmedForgot) {
  FeedAnswered({Output(0, "a"), Output(1, "b")});
  inbox_.Stored(1);
  EXPECT_FALSE(inbox_.progress().has_lost_records);
  inbox_.Stored(0);
  EXPECT_TRUE(inbox_.progress().has_lost_records);
}

TEST_F(InboxTest, AnAdoptedRunGoesOnBehindWhatIsStored) {
  Expect(/*next_seq=*/2);
  EXPECT_EQ(inbox_.AskToResume(), 2);
  FeedAnswered({Started(), Output(2, "c"), Finished(3, "abc")});
  EXPECT_EQ(Text(), "c");
  EXPECT_TRUE(inbox_.progress().complete)
      << "without a checksum, of which the beginning is missing";
  EXPECT_EQ(Fault(), "");
}

TEST_F(InboxTest, WhatTheStoreHadAlreadyCompletesTheEnd) {
  inbox_.FeedLog(Finished(2, "ab"));
  EXPECT_FALSE(inbox_.progress().complete);
  inbox_.Stored(2);
  EXPECT_TRUE(inbox_.progress().complete);
}

TEST_F(InboxTest, TheLogFillsWhatTheLinkLostAndNothingComesTwice) {
  const std::string log =
      Started() + Output(0, "a") + Output(1, "b") + Output(2, "c") + Finished(3, "abc");
  FeedAnswered({Started(), Output(0, "a"), R"({"type":"outp)", Output(2, "c"), Finished(3, "abc")});
  EXPECT_EQ(Text(), "a");
  inbox_.FeedLog(log);
  inbox_.FeedLog(log);
  EXPECT_EQ(Text(), "abc");
  EXPECT_TRUE(inbox_.progress().complete);
  EXPECT_EQ(Fault(), "");
}

TEST_F(InboxTest, ALogMayBeginLateAndHaveHolesAndRepeatRecords) {
  inbox_.FeedLog(Output(1, "b") + Output(0, "a") + Output(3, "d") + Output(1, "b") +
                 Output(0, "a") + Output(2, "c") + Finished(4, "abcd"));
  EXPECT_EQ(Text(), "abc");
  EXPECT_FALSE(inbox_.progress().complete);
  EXPECT_TRUE(inbox_.progress().finished);
  EXPECT_FALSE(inbox_.TakeWanted().resume) << "nobody lives who could answer";
  EXPECT_EQ(Fault(), "");
}

TEST_F(InboxTest, ErrorSentencesAndTornLinesOfALogAreDropped) {
  inbox_.FeedLog("unable to retrieve container logs for containerd://0123\n" +
                 Output(0, "torn").substr(0, 20) + "\n{\"type\":\"output\"}\n[]\n\x01\x02\n" +
                 Output(0, "a"));
  EXPECT_EQ(Text(), "a");
  EXPECT_FALSE(inbox_.progress().started);
}

TEST_F(InboxTest, AnEndlessLineOfALogIsGivenUpAndTheNextOnesAreRead) {
  inbox_.FeedLog(std::string(1 << 20, 'x') + "\n" + Output(0, "a"));
  EXPECT_EQ(Text(), "a");
}

TEST_F(InboxTest, ALogMayHoldMoreThanAWindow) {
  std::string log;
  const std::string data(8'000, 'x');
  constexpr std::int64_t kRecords = 300;
  for (std::int64_t seq = 0; seq < kRecords; ++seq) log += Output(seq, data);
  inbox_.FeedLog(log);
  EXPECT_EQ(inbox_.unstored().size(), static_cast<std::size_t>(kRecords));
  EXPECT_EQ(Fault(), "");
}

TEST_F(InboxTest, ATerminationMessageTellsTheEnd) {
  std::string message = Finished(1, "a");
  message.pop_back();  // it has no line end
  inbox_.FeedLog(message);
  ASSERT_TRUE(inbox_.progress().finished);
  EXPECT_FALSE(inbox_.progress().complete);
  inbox_.FeedLog(Output(0, "a"));
  EXPECT_TRUE(inbox_.progress().complete);
}

TEST_F(InboxTest, ARunnerWithoutARunWantsIt) {
  inbox_.BeginLink();
  Feed({Resumed(0, "")});
  const Inbox::Wanted wanted = inbox_.TakeWanted();
  EXPECT_TRUE(wanted.answered);
  EXPECT_TRUE(wanted.run);
  EXPECT_FALSE(inbox_.TakeWanted().run) << "told once";
  Feed({Resumed(0)});
  EXPECT_FALSE(inbox_.TakeWanted().run);
}

TEST_F(InboxTest, ARunnerMayEndBeforeItsRunCame) {
  FeedAnswered({Finished(0, "", "")});
  ASSERT_TRUE(inbox_.progress().finished);
  EXPECT_FALSE(inbox_.progress().complete);
  EXPECT_EQ(Fault(), "");
}

TEST(Inbox, BeforeARunIsExpectedOnlyReadyCounts) {
  Inbox inbox;
  inbox.FeedLog(
      Encode(Record(protocol::Ready{.python = "3.11.2", .preloaded = {"numpy"}, .preload_ms = 4})) +
      Output(0, "x") + Started() + Finished(1, "x"));
  ASSERT_TRUE(inbox.progress().ready);
  EXPECT_THAT(inbox.progress().ready->preloaded, ElementsAre("numpy"));
  EXPECT_THAT(inbox.unstored(), IsEmpty());
  EXPECT_FALSE(inbox.progress().started);
  EXPECT_FALSE(inbox.progress().finished);
  EXPECT_EQ(inbox.progress().fault, "");
}

}  // namespace
}  // namespace oneshot::delivery
