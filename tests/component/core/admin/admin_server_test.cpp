#include "core/admin/admin_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <nlohmann/json.hpp>
#include <vector>

#include "tests/support/http_client.h"

namespace oneshot::admin {
namespace {

using test::Answer;
using test::Call;
using test::Client;
using testing::HasSubstr;

struct AdminServerTest : testing::Test {
  std::atomic<bool> is_ready{true};
  std::atomic<bool> is_alive{true};
  std::unique_ptr<AdminServer> server = *AdminServer::Start(
      "127.0.0.1:0", {.program = "oneshot-test",
                      .readiness = [this]() -> base::Status {
                        if (is_ready) return {};
                        return base::Error{base::ErrorCode::kUnavailable, "no database"};
                      },
                      .liveness = [this]() -> base::Status {
                        if (is_alive) return {};
                        return base::Error{base::ErrorCode::kUnavailable, "dispatch (42 s)"};
                      },
                      .metrics = [] { return std::string("up 1\n"); }});
};

TEST_F(AdminServerTest, AnswersProbesMetricsAndVersion) {
  EXPECT_EQ(Call(server->Port(), "GET", "/healthz").body, "ok\n");
  EXPECT_EQ(Call(server->Port(), "GET", "/readyz?verbose").status, 200);
  EXPECT_EQ(Call(server->Port(), "GET", "/metrics").body, "up 1\n");
  const auto version = nlohmann::json::parse(Call(server->Port(), "GET", "/version").body);
  EXPECT_EQ(version["program"], "oneshot-test");
}

TEST_F(AdminServerTest, NotReadyIsNotDead) {
  is_ready = false;
  const Answer answer = Call(server->Port(), "GET", "/readyz");
  EXPECT_EQ(answer.status, 503);
  EXPECT_THAT(answer.body, HasSubstr("no database"));
  EXPECT_EQ(answer.headers.at("retry-after"), "1");
  EXPECT_EQ(nlohmann::json::parse(answer.body)["code"], "not_ready");
  EXPECT_EQ(Call(server->Port(), "GET", "/healthz").status, 200);
}

TEST_F(AdminServerTest, AProgramWithoutProgressIsToBeStartedAgain) {
  is_alive = false;
  const Answer answer = Call(server->Port(), "GET", "/healthz");
  EXPECT_EQ(answer.status, 503);
  EXPECT_THAT(answer.body, HasSubstr("dispatch (42 s)"));
  EXPECT_EQ(nlohmann::json::parse(answer.body)["code"], "no_progress");
}

TEST_F(AdminServerTest, KnowsNothingElse) {
  EXPECT_EQ(Call(server->Port(), "GET", "/api/v1/runs").status, 404);
  const Answer answer = Call(server->Port(), "POST", "/healthz");
  EXPECT_EQ(answer.status, 405);
  EXPECT_EQ(answer.headers.at("allow"), "GET, HEAD, OPTIONS");
  EXPECT_EQ(Call(server->Port(), "OPTIONS", "/healthz").headers.at("allow"), "GET, HEAD, OPTIONS");
  Client client(server->Port());
  client.Send("HEAD", "/healthz");
  EXPECT_EQ(client.Read(/*is_answer_to_head=*/true).status, 200);
  EXPECT_TRUE(client.IsClosedByServer());
}

TEST_F(AdminServerTest, WhatIsNoHttpIsCutOff) {
  for (const std::string& bytes :
       {std::string("nonsense\r\n\r\n"), std::string("GET /healthz\r\n\r\n"),
        "GET / HTTP/1.1\r\nX: " + std::string(10'000, 'x')}) {
    Client client(server->Port());
    client.Send(bytes);
    EXPECT_EQ(client.Read().status, 0);
  }
  EXPECT_EQ(Call(server->Port(), "GET", "/healthz").status, 200);
}

TEST_F(AdminServerTest, HalfARequestDelaysNobody) {
  std::vector<Client> half;
  for (int i = 0; i < 100; ++i) {
    half.emplace_back(server->Port());
    half.back().Send("GET /healthz HTTP/1.1\r\nHost:");
    EXPECT_EQ(Call(server->Port(), "GET", "/healthz").status, 200);
  }
  EXPECT_TRUE(half.front().IsClosedByServer());
}

TEST_F(AdminServerTest, HalfARequestIsNotWaitedForForEver) {
  Client client(server->Port());
  client.Send("GET /healthz HTTP/1.1\r\nHost:");
  EXPECT_TRUE(client.IsClosedByServer());
}

TEST_F(AdminServerTest, DoesNotReadABody) {
  EXPECT_EQ(Call(server->Port(), "POST", "/healthz", "body").status, 405);
}

TEST(AdminServer, TakesAnAddressOfEitherVersion) {
  const auto server = AdminServer::Start("[::1]:0", {});
  // Not every machine has IPv6.
  EXPECT_TRUE(server || server.error().code == base::ErrorCode::kUnavailable);
}

TEST(AdminServer, SaysWhyItCannotStart) {
  for (const char* address : {"", "localhost:1", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:99999"}) {
    const auto server = AdminServer::Start(address, {});
    ASSERT_FALSE(server) << address;
    EXPECT_EQ(server.error().code, base::ErrorCode::kInvalidArgument);
  }
  const auto first = AdminServer::Start("127.0.0.1:0", {});
  const auto second = AdminServer::Start("127.0.0.1:" + std::to_string((*first)->Port()), {});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, base::ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace oneshot::admin
