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
  EXPECT_EQ(InvalidRun({large}, /*has_more=*/false).status, 413);
  const http::Problem both = InvalidRun({large, wrong}, /*has_more=*/false);
  EXPECT_EQ(both.status, 422);
  EXPECT_EQ(both.errors.size(), 2U);
  EXPECT_EQ(both.detail, "/source is too large. /stdin must be a string.");
}

TEST(InvalidRun, SaysThatNotEveryFaultIsListed) {
  const http::Problem problem =
      InvalidRun({{"/stdin", "wrong_type", "must be a string"}}, /*has_more=*/true);
  EXPECT_TRUE(problem.has_more_errors);
  EXPECT_EQ(problem.detail, "/stdin must be a string. There may be more errors.");
}

TEST(InvalidQuery, ListsNoMoreErrorsThanABodyHas) {
  const http::ProblemError error{http::ProblemError::Place::kQuery, "a", "unknown_parameter",
                                 "is not a known parameter"};
  const auto problem_with = [&error](std::size_t count) {
    return InvalidQuery(std::vector<http::ProblemError>(count, error));
  };
  EXPECT_EQ(problem_with(domain::kMaxFaults).errors.size(), domain::kMaxFaults);
  EXPECT_FALSE(problem_with(domain::kMaxFaults).has_more_errors);
  EXPECT_EQ(problem_with(domain::kMaxFaults + 1).errors.size(), domain::kMaxFaults);
  EXPECT_TRUE(problem_with(domain::kMaxFaults + 1).has_more_errors);
}

}  // namespace
}  // namespace oneshot::api
