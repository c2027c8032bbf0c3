// What is said to a runner, and when.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/controller/delivery/run_channel_fixture.h"

namespace oneshot::delivery {
namespace {

using protocol::Encode;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TEST_F(RunChannelTest, EachLinkBeginsWithAResume) {
  for (int i = 0; i < 3; ++i) {
    Open();
    EXPECT_THAT(Last().written, ElementsAre(Resume(0)));
    Cut();
  }
}

TEST_F(RunChannelTest, TheFormerLinkIsClosedBeforeANewOneIsOpened) {
  Open();
  channel_.Connect("pod");
  ASSERT_THAT(attacher_.attaches, SizeIs(2));
  EXPECT_TRUE(attacher_.attaches[0]->closed);
  EXPECT_FALSE(attacher_.attaches[1]->closed);
}

// Its handlers may run until the drop has returned.
TEST_F(RunChannelTest, TheLastWordOfAFormerLinkSaysNothingAboutTheNewOne) {
  Open();
  Last().on_drop = [&former = Last()] {
    former.handlers.on_closed({base::ErrorCode::kUnavailable, "cut"});
  };
  channel_.Connect("pod");
  EXPECT_EQ(channel_.Look().link, RunChannel::Link::kOpening);
  EXPECT_THAT(Last().written, ElementsAre(Resume(0)));
  attacher_.attaches[0]->on_drop = nullptr;
}

TEST_F(RunChannelTest, TheRequestGoesOutOnlyOnceItIsAllowedAndTheRunnerHasNone) {
  Open();
  Hear({kHasNoRun});
  EXPECT_THAT(Last().written, ElementsAre(Resume(0)));
  channel_.Expect(command_, 0);
  EXPECT_THAT(Last().written, SizeIs(1)) << "not allowed yet";
  EXPECT_FALSE(channel_.Look().delivered_at);
  channel_.AllowDelivery({});
  EXPECT_THAT(Last().written, ElementsAre(Resume(0), request_));
  EXPECT_TRUE(channel_.Look().delivered_at);
}

TEST_F(RunChannelTest, ARequestThatIsAllowedWaitsForTheRunnersWord) {
  channel_.Expect(command_, 0);
  channel_.AllowDelivery({});
  Open();
  EXPECT_THAT(Last().written, ElementsAre(Resume(0)));
  EXPECT_FALSE(channel_.Look().delivered_at) << "the API server accepts before the kubelet does";
  Hear({kHasNoRun});
  EXPECT_THAT(Last().written, ElementsAre(Resume(0), request_));
  Hear({Resumed(0)});
  EXPECT_THAT(Last().written, SizeIs(2));
}

TEST_F(RunChannelTest, ARequestThatWasLostIsWrittenAgain) {
  channel_.Expect(command_, 0);
  channel_.AllowDelivery({});
  Open();
  Hear({kHasNoRun});
  Cut();
  Open();
  EXPECT_THAT(Last().written, ElementsAre(Resume(0)));
  Hear({kHasNoRun});
  EXPECT_THAT(Last().written, ElementsAre(Resume(0), request_));
}

TEST_F(RunChannelTest, ARequestThatArrivedIsNotWrittenAgain) {
  channel_.Expect(command_, 0);
  channel_.AllowDelivery({});
  Open();
  Hear({kHasNoRun});
  Cut();
  Open();
  Hear({Resumed(0), protocol::Started{.run_id = "r", .attempt = 1}});
  EXPECT_THAT(Last().written, ElementsAre(Resume(0)));
  EXPECT_TRUE(channel_.Look().started_at);
}

// Otherwise an attempt is spent on a program that cannot have begun.
TEST_F(RunChannelTest, NothingIsDeliveredToALinkThatIsClosed) {
  Open();
  Hear({kHasNoRun});
  channel_.Expect(command_, 0);
  Cut();
  channel_.AllowDelivery({});
  EXPECT_THAT(Last().written, ElementsAre(Resume(0)));
  EXPECT_FALSE(channel_.Look().delivered_at);
  Open();
  Hear({kHasNoRun});
  EXPECT_TRUE(channel_.Look().delivered_at);
}

TEST_F(RunChannelTest, CountsLinksInARowThatBroughtNoAnswer) {
  for (int i = 0; i < 3; ++i) {
    channel_.Connect("pod");
    if (i > 0) Last().handlers.on_open();  // by the API server, which the kubelet contradicts
    Last().handlers.on_closed({base::ErrorCode::kNotFound, "no container yet"});
  }
  EXPECT_EQ(channel_.Look().failures, 3);
  Open();
  Last().handlers.on_lines({});  // bytes that are no whole line yet
  Hear({protocol::Ready{.python = "3.11.2", .preloaded = {}, .preload_ms = 1}});
  EXPECT_EQ(channel_.Look().failures, 3) << "said before the answer";
  EXPECT_FALSE(channel_.Look().heard_at);
  Hear({kHasNoRun});
  EXPECT_EQ(channel_.Look().failures, 0);
  EXPECT_TRUE(channel_.Look().heard_at);
  Cut();
  EXPECT_EQ(channel_.Look().failures, 0) << "this one did bring an answer";
}

TEST_F(RunChannelTest, AnOpenLinkThatIsGivenUpCountsAsAFailure) {
  Open();
  channel_.Connect("pod");
  EXPECT_EQ(channel_.Look().failures, 1);
}

TEST_F(RunChannelTest, KnowsWhenItAskedAndWhenItWasAnswered) {
  Open();
  EXPECT_EQ(channel_.Look().asked_at, clock_.now);
  clock_.now += seconds(1);
  Hear({kHasNoRun});
  EXPECT_FALSE(channel_.Look().asked_at);
  EXPECT_EQ(channel_.Look().heard_at, clock_.now);
  clock_.now += seconds(4);
  const auto asked_at = clock_.now;
  channel_.Ask();
  EXPECT_THAT(Last().written, ElementsAre(Resume(0), Resume(0)));
  clock_.now += seconds(4);
  channel_.Ask();
  EXPECT_EQ(channel_.Look().asked_at, asked_at) << "since when it has not answered";
}

TEST_F(RunChannelTest, AsksOnlyWhereALinkIsOpen) {
  channel_.Connect("pod");
  Last().written.clear();
  channel_.Ask();
  EXPECT_THAT(Last().written, IsEmpty());
}

TEST_F(RunChannelTest, AcknowledgesWhatIsStoredAndNothingBefore) {
  Adopt(5);
  Open();
  Hear({Resumed(5), Output(5), Output(6)});
  EXPECT_THAT(Last().written, ElementsAre(Resume(5)));
  EXPECT_THAT(channel_.Unstored(), SizeIs(2));
  EXPECT_THAT(channel_.Unstored(), SizeIs(2)) << "until they are stored";
  channel_.Stored(7);
  EXPECT_THAT(Last().written, ElementsAre(Resume(5), Ack(7)));
  EXPECT_THAT(channel_.Unstored(), IsEmpty());
}

// R1: a controller that dies now must leave the records where they are.
TEST_F(RunChannelTest, AResumeAcknowledgesNothingThatIsNotStored) {
  Adopt(5);
  Open();
  Hear({Resumed(5), Output(5), Output(6)});
  channel_.Ask();
  EXPECT_THAT(Last().written, ElementsAre(Resume(5), Resume(5)));
  Cut();
  Open();
  EXPECT_THAT(Last().written, ElementsAre(Resume(5)));
  Hear({Resumed(5), Output(5), Output(6), Output(7)});
  EXPECT_THAT(channel_.Unstored(), SizeIs(3));
  channel_.Stored(7);
  Cut();
  Open();
  EXPECT_THAT(Last().written, ElementsAre(Resume(7)));
}

TEST_F(RunChannelTest, AMissingRecordIsAskedForOnce) {
  Adopt(5);
  Open();
  Hear({Resumed(5), Output(5), Output(7), Output(8)});
  EXPECT_THAT(Last().written, ElementsAre(Resume(5), Resume(5)));
  Hear({Resumed(5), Output(5), Output(6), Output(7), Output(8)});
  EXPECT_THAT(channel_.Unstored(), SizeIs(4));
  EXPECT_THAT(Last().written, SizeIs(2));
}

TEST_F(RunChannelTest, TellsSinceWhenOutputWaits) {
  Adopt(5);
  Open();
  Hear({Resumed(5)});
  EXPECT_FALSE(channel_.Look().unstored_since);
  const auto came_at = clock_.now;
  Hear({Output(5)});
  clock_.now += seconds(1);
  Hear({Output(6)});
  EXPECT_EQ(channel_.Look().unstored_since, came_at);
  EXPECT_GT(channel_.Look().unstored_bytes, 0U);
  channel_.Stored(6);
  EXPECT_EQ(channel_.Look().unstored_since, clock_.now) << "the rest waits for its own commit";
  channel_.Stored(7);
  EXPECT_FALSE(channel_.Look().unstored_since);
  EXPECT_EQ(channel_.Look().unstored_bytes, 0U);
}

TEST_F(RunChannelTest, TheEndIsAcknowledgedOnceItIsStored) {
  Adopt(5);
  Open();
  Hear({Resumed(5), Output(5), Finished(6)});
  EXPECT_TRUE(channel_.Look().records.complete);
  channel_.Stored(6);
  EXPECT_THAT(Last().written, ElementsAre(Resume(5), Ack(6)));
  EXPECT_FALSE(channel_.Look().end_acknowledged);
  channel_.StoredEnd();
  EXPECT_THAT(Last().written, ElementsAre(Resume(5), Ack(6), Ack(7)));
  EXPECT_TRUE(channel_.Look().end_acknowledged);
  Cut();
  EXPECT_TRUE(channel_.Look().end_acknowledged) << "the runner leaves when it knows";
}

TEST_F(RunChannelTest, AnEndThatWasStoredBetweenTwoLinksIsAcknowledgedByTheNextOne) {
  Adopt(5);
  Open();
  Hear({Resumed(5), Finished(5)});
  Cut();
  channel_.StoredEnd();
  EXPECT_FALSE(channel_.Look().end_acknowledged) << "nobody heard it";
  Open();
  EXPECT_THAT(Last().written, ElementsAre(Resume(6)));
  EXPECT_FALSE(channel_.Look().end_acknowledged);
  Hear({Resumed(6)});
  EXPECT_TRUE(channel_.Look().end_acknowledged);
}

TEST_F(RunChannelTest, ALogReadIsKnownWhileItLastsAndCountsOnce) {
  Adopt(5);
  channel_.BeginLogRead();
  EXPECT_TRUE(channel_.Look().log_is_being_read);
  channel_.EndLogRead(base::Error{base::ErrorCode::kUnavailable, "node gone"});
  EXPECT_FALSE(channel_.Look().log_is_being_read);
  EXPECT_EQ(channel_.Look().log_failures, 1);
  EXPECT_EQ(channel_.Look().log_read_at, clock_.now);
  EXPECT_EQ(events_, 1);
  channel_.BeginLogRead();
  channel_.EndLogRead(Encode(Output(5)));
  EXPECT_EQ(channel_.Look().log_reads, 1);
  EXPECT_EQ(events_, 2);
  EXPECT_THAT(channel_.Unstored(), SizeIs(1));
}

TEST_F(RunChannelTest, ATerminationMessageIsLookedAtAtOnce) {
  Adopt(5);
  channel_.AddTerminationMessage(Encode(Finished(5)));
  EXPECT_TRUE(channel_.Look().records.complete);
}

TEST_F(RunChannelTest, TellsItsOwnerOfEachEvent) {
  Open();
  EXPECT_EQ(events_, 1);
  Hear({kHasNoRun});
  EXPECT_EQ(events_, 2);
  Cut();
  EXPECT_EQ(events_, 3);
  int later_events = 0;
  channel_.SetOnEvent([&] { ++later_events; });
  Open();
  EXPECT_EQ(events_, 3) << "it has changed hands";
  EXPECT_EQ(later_events, 1);
}

TEST_F(RunChannelTest, AFaultIsSeen) {
  channel_.Expect(command_, 0);
  Open();
  Hear({Resumed(0, "other")});
  EXPECT_NE(channel_.Look().records.fault, "");
  EXPECT_FALSE(channel_.Look().delivered_at);
}

// It may have been answered to another controller.
TEST_F(RunChannelTest, AnAnswerThatComesBeforeTheLinkIsKeptIsHarmless) {
  channel_.Expect(command_, 0);
  channel_.AllowDelivery({});
  attacher_.on_open = [](test::FakeAttachClient::Attach& attach) {
    attach.handlers.on_open();
    std::string line = Encode(kHasNoRun);
    line.pop_back();
    attach.handlers.on_lines({line});
  };
  channel_.Connect("pod");
  EXPECT_FALSE(channel_.Look().delivered_at);
  Hear({kHasNoRun});
  EXPECT_TRUE(channel_.Look().delivered_at);
}

}  // namespace
}  // namespace oneshot::delivery
