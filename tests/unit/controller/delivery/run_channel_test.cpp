#include "controller/delivery/run_channel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "core/protocol/codec.h"
#include "tests/support/fake_attach_client.h"

namespace oneshot::delivery {
namespace {

using test::FakeAttachClient;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class RunChannelTest : public testing::Test {
 protected:
  RunChannelTest() : channel_(attacher_, clock_) {
    channel_.SetOnEvent([this] { ++events_; });
    command_.run_id = "r";
    request_ = protocol::Encode(protocol::Command(command_));
  }
  FakeAttachClient::Attach& Last() { return *attacher_.attaches.back(); }

  base::SystemClock clock_;
  FakeAttachClient attacher_;
  int events_{0};
  RunChannel channel_;
  protocol::RunCommand command_;
  std::string request_;
};

TEST_F(RunChannelTest, AWaitingChannelDeliversAtOnce) {
  channel_.Connect("pod");
  Last().handlers.on_open();
  EXPECT_EQ(events_, 1);
  EXPECT_THAT(Last().written, IsEmpty());
  channel_.Deliver(command_);
  EXPECT_THAT(Last().written, ElementsAre(request_));
  EXPECT_TRUE(channel_.Look().delivered_at);
}

TEST_F(RunChannelTest, ARequestThatCameFirstGoesOutWithTheConnect) {
  channel_.Deliver(command_);
  EXPECT_FALSE(channel_.Look().delivered_at);
  channel_.Connect("pod");
  EXPECT_THAT(Last().written, ElementsAre(request_));
}

TEST_F(RunChannelTest, AfterACutItIsSentAgainUnlessTheProgramHasBegun) {
  channel_.Deliver(command_);
  channel_.Connect("pod");
  Last().handlers.on_open();
  Last().handlers.on_closed({base::ErrorCode::kUnavailable, "cut"});
  EXPECT_EQ(channel_.Look().link, RunChannel::Link::kClosed);
  channel_.Connect("pod");
  EXPECT_TRUE(attacher_.attaches[0]->closed);
  EXPECT_THAT(Last().written, ElementsAre(request_));
  Last().handlers.on_open();
  Last().handlers.on_lines({protocol::Encode(protocol::Record(protocol::Started{"r", 1}))});
  EXPECT_TRUE(channel_.Look().started_at);
  Last().handlers.on_closed({base::ErrorCode::kUnavailable, "cut"});
  channel_.Connect("pod");
  EXPECT_THAT(Last().written, IsEmpty());
  EXPECT_EQ(channel_.Look().opens, 2);
}

TEST_F(RunChannelTest, CountsLinksInARowOnWhichNobodyWasHeard) {
  for (int i = 0; i < 3; ++i) {
    channel_.Connect("pod");
    if (i > 0) Last().handlers.on_open();  // by the API server, which the kubelet contradicts
    Last().handlers.on_closed({base::ErrorCode::kNotFound, "no container yet"});
  }
  EXPECT_EQ(channel_.Look().failures, 3);
  channel_.Connect("pod");
  Last().handlers.on_open();
  EXPECT_EQ(channel_.Look().failures, 3);
  EXPECT_EQ(channel_.Look().heard_before, 0);
  Last().handlers.on_lines({});  // bytes that are no whole line yet
  EXPECT_EQ(channel_.Look().failures, 0);
  channel_.Connect("pod");
  EXPECT_EQ(channel_.Look().heard_before, 1);
}

TEST_F(RunChannelTest, HandsOutputOverOnceAndTellsSinceWhenItWaits) {
  channel_.Deliver(command_);
  channel_.Connect("pod");
  Last().handlers.on_open();
  Last().handlers.on_lines(
      {protocol::Encode(protocol::Record(protocol::Output{.seq = 0, .data = "x"}))});
  EXPECT_TRUE(channel_.Look().fresh_since);
  EXPECT_THAT(channel_.TakeFresh(), SizeIs(1));
  EXPECT_FALSE(channel_.Look().fresh_since);
  EXPECT_THAT(channel_.TakeFresh(), IsEmpty());
}

TEST(ConnectPause, IsShortAtFirstAndBounded) {
  EXPECT_LE(ConnectPause(0), std::chrono::milliseconds(20));
  for (int failures = 0; failures < 100; ++failures) {
    EXPECT_LE(ConnectPause(failures), ConnectPause(failures + 1));
    EXPECT_LE(ConnectPause(failures), std::chrono::milliseconds(500));
  }
}

}  // namespace
}  // namespace oneshot::delivery
