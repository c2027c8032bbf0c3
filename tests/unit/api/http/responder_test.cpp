#include "api/http/responder.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

namespace oneshot::api::http {
namespace {

class RecordingExchange final : public Exchange {
 public:
  explicit RecordingExchange(std::vector<Response>& replies) : replies_(replies) {}
  void Reply(Response response) override { replies_.push_back(std::move(response)); }
  std::shared_ptr<Stream> Open(Response) override { return nullptr; }

 private:
  std::vector<Response>& replies_;
};

struct ResponderTest : testing::Test {
  Responder Make() { return Responder(std::make_unique<RecordingExchange>(replies), Request{}); }
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
