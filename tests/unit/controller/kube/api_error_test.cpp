#include <gtest/gtest.h>

#include "controller/kube/codec.h"

namespace oneshot::kube {
namespace {

using base::ErrorCode;

struct Case {
  int status;
  const char* reason;
  ErrorCode want;
};

class AnswerMeaning : public testing::TestWithParam<Case> {};

TEST_P(AnswerMeaning, TellsTheCallerWhatToDo) {
  const std::string body = R"({"kind":"Status","status":"Failure","message":"why","reason":")" +
                           std::string(GetParam().reason) + R"("})";
  const base::Error error = ErrorFromAnswer(GetParam().status, body, 0);
  EXPECT_EQ(error.code, GetParam().want);
  EXPECT_NE(error.message.find("why"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(All, AnswerMeaning,
                         testing::Values(Case{400, "BadRequest", ErrorCode::kInvalidArgument},
                                         Case{401, "Unauthorized", ErrorCode::kPermissionDenied},
                                         Case{403, "Forbidden", ErrorCode::kPermissionDenied},
                                         Case{404, "NotFound", ErrorCode::kNotFound},
                                         Case{409, "AlreadyExists", ErrorCode::kAlreadyExists},
                                         Case{409, "Conflict", ErrorCode::kConflict},
                                         Case{410, "Expired", ErrorCode::kExpired},
                                         Case{422, "Invalid", ErrorCode::kInvalidArgument},
                                         Case{429, "TooManyRequests", ErrorCode::kUnavailable},
                                         Case{500, "InternalError", ErrorCode::kUnavailable},
                                         Case{503, "ServiceUnavailable", ErrorCode::kUnavailable},
                                         Case{418, "Teapot", ErrorCode::kInternal}));

TEST(ApiError, TakesTheLongerOfBothDelays) {
  const std::string body =
      R"({"kind":"Status","details":{"retryAfterSeconds":7},"reason":"TooManyRequests"})";
  EXPECT_EQ(ErrorFromAnswer(429, body, 2).retry_after_seconds, 7);
  EXPECT_EQ(ErrorFromAnswer(429, body, 9).retry_after_seconds, 9);
}

TEST(ApiError, ShowsABodyThatIsNoStatus) {
  const base::Error error = ErrorFromAnswer(502, "<html>bad gateway</html>", 0);
  EXPECT_EQ(error.code, ErrorCode::kUnavailable);
  EXPECT_EQ(error.message, "HTTP 502: <html>bad gateway</html>");
}

TEST(ApiError, KnowsAnExpiredWatchByItsReasonToo) {
  EXPECT_EQ(ErrorFromStatus(R"({"kind":"Status","reason":"Expired"})")->code, ErrorCode::kExpired);
}

TEST(ApiError, KnowsAVersionThatTheServerHasNotReached) {
  const std::string by_cause =
      R"({"kind":"Status","code":504,"reason":"Timeout",
          "details":{"causes":[{"reason":"ResourceVersionTooLarge"}]}})";
  const std::string by_message =
      R"({"kind":"Status","code":504,"reason":"Timeout",
          "message":"Timeout: Too large resource version: 9, current: 5"})";
  const std::string other = R"({"kind":"Status","code":504,"reason":"Timeout","message":"slow"})";
  EXPECT_EQ(ErrorFromAnswer(504, by_cause, 0).code, ErrorCode::kExpired);
  EXPECT_EQ(ErrorFromAnswer(504, by_message, 0).code, ErrorCode::kExpired);
  EXPECT_EQ(ErrorFromAnswer(504, other, 0).code, ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace oneshot::kube
