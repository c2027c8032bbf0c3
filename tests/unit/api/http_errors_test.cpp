#include "api/http_errors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace oneshot::api {
namespace {

using base::ErrorCode;
using testing::HasSubstr;
using testing::Not;

TEST(ToProblem, EveryErrorHasAStatusACodeAndATitleAndKeepsItsMessageToItself) {
  for (int code = 0; code <= static_cast<int>(ErrorCode::kInternal); ++code) {
    const http::Problem problem = ToProblem({static_cast<ErrorCode>(code), "password=secret"});
    EXPECT_GE(problem.status, 400);
    EXPECT_NE(problem.code, "");
    EXPECT_NE(problem.title, "");
    EXPECT_THAT(problem.title + problem.detail, Not(HasSubstr("secret")));
    EXPECT_EQ(problem.status == 503, problem.retry_after_seconds > 0) << problem.code;
  }
}

TEST(ToProblem, TheStoresDelayIsPassedOn) {
  EXPECT_EQ(ToProblem({ErrorCode::kUnavailable, "", 9}).retry_after_seconds, 9);
}

TEST(InvalidRun, Is413OnlyWhenSizeIsAllThatIsWrong) {
  const domain::Fault large{"/source", "too_large", "is too large"};
  const domain::Fault wrong{"/stdin", "wrong_type", "must be a string"};
  EXPECT_EQ(InvalidRun({large}).status, 413);
  const http::Problem both = InvalidRun({large, wrong});
  EXPECT_EQ(both.status, 422);
  EXPECT_EQ(both.errors.size(), 2U);
  EXPECT_EQ(both.detail, "/source is too large. /stdin must be a string.");
}

}  // namespace
}  // namespace oneshot::api
