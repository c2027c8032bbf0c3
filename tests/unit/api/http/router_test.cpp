#include "api/http/router.h"

#include <gtest/gtest.h>

namespace oneshot::api::http {
namespace {

Router MakeRouter() {
  const Handler nothing = [](const Request&, Responder) {};
  return Router({{"GET", "/runs", nothing},
                 {"POST", "/runs", nothing},
                 {"GET", "/runs/{id}", nothing},
                 {"POST", "/runs/{id}/cancel", nothing}});
}

TEST(Router, FindsTheRouteByMethodAndPath) {
  const Router router = MakeRouter();
  EXPECT_EQ(router.Find("POST", "/runs").index, 1U);
  const auto match = router.Find("POST", "/runs/01j/cancel");
  ASSERT_NE(match.route, nullptr);
  EXPECT_EQ(match.route->pattern, "/runs/{id}/cancel");
  EXPECT_EQ(match.parameters.at("id"), "01j");
}

TEST(Router, HeadTakesTheRouteOfGet) {
  EXPECT_NE(MakeRouter().Find("HEAD", "/runs").route, nullptr);
}

TEST(Router, DecodesASegmentOnce) {
  EXPECT_EQ(MakeRouter().Find("GET", "/runs/a%2541").parameters.at("id"), "a%41");
  EXPECT_NE(MakeRouter().Find("GET", "/r%75ns").route, nullptr);
}

class Unknown : public testing::TestWithParam<const char*> {};

TEST_P(Unknown, IsNoPathOfOurs) {
  const auto match = MakeRouter().Find("GET", GetParam());
  EXPECT_EQ(match.route, nullptr);
  EXPECT_EQ(match.allow, "");
}

INSTANTIATE_TEST_SUITE_P(Paths, Unknown,
                         testing::Values("", "runs", "/", "/nothing", "/runs/", "//runs",
                                         "/runs//cancel", "/runs/..", "/runs/.", "/runs/%2e%2e",
                                         "/runs/a%2Fb", "/runs/a%00", "/runs/%", "/runs/%zz",
                                         "/runs/a/cancel/b", "/runs/a%0d%0ab"));

TEST(Router, SaysWhichMethodsAPathHas) {
  const auto match = MakeRouter().Find("PUT", "/runs");
  EXPECT_EQ(match.route, nullptr);
  EXPECT_EQ(match.allow, "GET, HEAD, OPTIONS, POST");
}

TEST(AnswerWithoutRoute, TellsUnknownFromNotAllowedFromOptions) {
  const Router router = MakeRouter();
  const auto answer = [&](const char* method, const char* path) {
    Request request;
    request.method = method;
    return AnswerWithoutRoute(router.Find(method, path), request);
  };
  EXPECT_EQ(answer("GET", "/nothing").status, 404);
  EXPECT_EQ(answer("TRACE", "/runs").status, 405);
  EXPECT_EQ(answer("TRACE", "/runs").headers.at("Allow"), "GET, HEAD, OPTIONS, POST");
  EXPECT_EQ(answer("OPTIONS", "/runs/1/cancel").status, 204);
  EXPECT_EQ(answer("OPTIONS", "/runs/1/cancel").headers.at("Allow"), "OPTIONS, POST");
}

}  // namespace
}  // namespace oneshot::api::http
