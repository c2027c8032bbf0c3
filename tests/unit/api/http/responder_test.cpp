#include "api/http/responder.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

namespace oneshot::api::http {
namespace {

class RecordingExchange final : public Exchange {
 public:
  RecordingExchange(std::vector<Response>& replies, bool has_room)
      : replies_(replies), has_room_(has_room) {}
  bool HasRoomFor(std::size_t) const override { return has_room_; }
  void Reply(Response response) override { replies_.push_back(std::move(response)); }
  std::shared_ptr<Stream> Open(Response) override { return nullptr; }

 private:
  std::vector<Response>& replies_;
  const bool has_room_;
};

struct ResponderTest : testing::Test {
  Responder Make(bool has_room = true) {
    return Responder(std::make_unique<RecordingExchange>(replies, has_room), Request{});
  }
  std::vector<Response> replies;
};

TEST_F(ResponderTest, AnswersOnce) {
  {
    Responder responder = Make();
    std::move(responder).Send(Response{.status = 204});
  }
  ASSERT_EQ(replies.size(), 1U);
  EXPECT_EQ(replies[0].status, 204);
}

TEST_F(ResponderTest, ASecondAnswerIsIgnored) {
  Responder responder = Make();
  std::move(responder).Send(Response{.status = 200});
  std::move(responder).Send(Response{.status = 201});
  EXPECT_EQ(replies.size(), 1U);
}

TEST_F(ResponderTest, WithoutRoomALargeAnswerIsReplacedByItsSmallOneOr503) {
  const std::string large(kSmallBody + 1, 'x');
  Make(/*has_room=*/false).Send(Response{.status = 201, .body = large, .small_body = "less"});
  Make(/*has_room=*/false).Send(Response{.body = large});
  Make(/*has_room=*/false).Send(Response{.body = large.substr(1)});
  Make().Send(Response{.body = large, .small_body = "less"});
  ASSERT_EQ(replies.size(), 4U);
  EXPECT_EQ(replies[0].status, 201);
  EXPECT_EQ(replies[0].body, "less");
  EXPECT_EQ(replies[1].status, 503);
  EXPECT_TRUE(replies[1].headers.contains("Retry-After"));
  EXPECT_EQ(replies[2].body.size(), kSmallBody);
  EXPECT_EQ(replies[3].body, large);
}

TEST_F(ResponderTest, ForgettingToAnswerGives500) {
  { Responder responder = Make(); }
  ASSERT_EQ(replies.size(), 1U);
  EXPECT_EQ(replies[0].status, 500);
}

TEST_F(ResponderTest, SoDoesAnException) {
  try {
    Responder responder = Make();
    throw std::runtime_error("no");
  } catch (const std::runtime_error&) {
  }
  ASSERT_EQ(replies.size(), 1U);
  EXPECT_EQ(replies[0].status, 500);
}

TEST_F(ResponderTest, WithoutAStreamToBeHadTheClientIsToldSo) {
  EXPECT_EQ(Make().SendStream({}), nullptr);
  ASSERT_EQ(replies.size(), 1U);
  EXPECT_EQ(replies[0].status, 503);
  EXPECT_TRUE(replies[0].headers.contains("Retry-After"));
}

}  // namespace
}  // namespace oneshot::api::http
