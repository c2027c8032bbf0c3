#include "api/http/problem.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <tuple>

namespace oneshot::api::http {
namespace {

Request AnyRequest() {
  Request request;
  request.target = "/api/v1/runs";
  request.id = "r-1";
  return request;
}

TEST(Problem, IsRfc9457WithOurCodeAndEveryFault) {
  const Response response =
      ToResponse({.status = 422,
                  .code = "invalid_run",
                  .title = "No",
                  .detail = "Because.",
                  .errors = {{ProblemError::Place::kBody, "/a", "required", "is required"},
                             {ProblemError::Place::kQuery, "wait", "out_of_range", "is not"}}},
                 AnyRequest());
  EXPECT_EQ(response.status, 422);
  EXPECT_EQ(response.headers.at("content-type"), "application/problem+json");
  EXPECT_FALSE(response.headers.contains("Retry-After"));
  const nlohmann::json expected{
      {"type", "about:blank"},
      {"title", "No"},
      {"status", 422},
      {"code", "invalid_run"},
      {"detail", "Because."},
      {"instance", "/api/v1/runs"},
      {"request_id", "r-1"},
      {"errors",
       {{{"pointer", "/a"}, {"code", "required"}, {"detail", "is required"}},
        {{"parameter", "wait"}, {"code", "out_of_range"}, {"detail", "is not"}}}}};
  EXPECT_EQ(nlohmann::json::parse(response.body), expected);
}

TEST(Problem, SaysThatNotEveryFaultIsListed) {
  const Response response =
      ToResponse({.status = 422, .code = "x", .title = "x", .has_more_errors = true}, AnyRequest());
  EXPECT_EQ(nlohmann::json::parse(response.body)["errors_truncated"], true);
}

TEST(Problem, AlwaysHasADetailAndSaysWhenToComeBack) {
  const Response response =
      ToResponse({.status = 503, .code = "overloaded", .title = "Busy", .retry_after_seconds = 3},
                 AnyRequest());
  EXPECT_EQ(response.headers.at("Retry-After"), "3");
  EXPECT_EQ(nlohmann::json::parse(response.body)["detail"], "Busy.");
}

TEST(Problem, SurvivesWhatIsNotUtf8) {
  Request request = AnyRequest();
  request.target = "/\xff";
  const Response response = ToResponse({.status = 404, .code = "x", .title = "x"}, request);
  EXPECT_NO_THROW(std::ignore = nlohmann::json::parse(response.body));
}

}  // namespace
}  // namespace oneshot::api::http
