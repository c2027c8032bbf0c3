/// POST /api/v1/runs?wait: the answer comes with the end of the run, and nobody holds a thread
/// until then.
#include <thread>
#include <vector>

#include "tests/component/api/running_api.h"

namespace oneshot::test {
namespace {

class Wait : public RunningApi {
 protected:
  Client Ask(const std::string& wait = "60") {
    Client client(port_);
    client.Send("POST", "/api/v1/runs?wait=" + wait, R"({"source": "x = 1"})");
    return client;
  }
  /// The id of the only run there is.
  std::string OnlyRun() { return store_->List({.limit = 1})->front().id; }
};

TEST_F(Wait, IsAnsweredWhenTheRunEnds) {
  Client client = Ask();
  AwaitQueueNotifications(1);
  const std::string id = OnlyRun();
  ClaimAll();
  Announce(id);
  Print(id, {Record(0, "hello\n"), Record(1, "\xC3")});
  Announce(id);
  Finish(id);
  Announce(id);
  const Answer answer = client.Read();
  EXPECT_EQ(answer.status, 201);
  EXPECT_EQ(answer.headers.at("location"), "/api/v1/runs/" + id);
  EXPECT_EQ(Json(answer)["status"], "succeeded");
  EXPECT_EQ(Json(answer)["stdout"], "hello\n\xEF\xBF\xBD");
  EXPECT_EQ(Json(answer)["job"]["node"], "node");
}

TEST_F(Wait, IsAnsweredWithoutANotificationToo) {
  Client client = Ask();
  AwaitQueueNotifications(1);
  ClaimAll();
  Finish(OnlyRun());
  EXPECT_EQ(Json(client.Read())["status"], "succeeded");
}

TEST_F(Wait, IsAnsweredWithTheStateWhenTheTimeIsUp) {
  const Answer answer = Ask("0.2").Read();
  EXPECT_EQ(answer.status, 201);
  EXPECT_EQ(Json(answer)["status"], "queued");
  EXPECT_EQ(Json(answer)["queue_position"], 1);
}

TEST_F(Wait, IsAnsweredWhenAnotherCancelsTheRun) {
  Client client = Ask();
  AwaitQueueNotifications(1);
  EXPECT_EQ(Request("POST", "/api/v1/runs/" + OnlyRun() + "/cancel").status, 202);
  EXPECT_EQ(Json(client.Read())["status"], "cancelled");
}

TEST_F(Wait, IsAnsweredWithTheStateWhenTheServerStops) {
  Client client = Ask();
  AwaitQueueNotifications(1);
  Stop();
  const Answer answer = client.Read();
  EXPECT_EQ(answer.status, 201);
  EXPECT_EQ(Json(answer)["status"], "queued");
}

TEST_F(Wait, OutlivesADatabaseThatGoesAway) {
  Client client = Ask();
  AwaitQueueNotifications(1);
  const std::string id = OnlyRun();
  store_->SetUnavailable(true);
  Announce(id);
  store_->SetUnavailable(false);
  ClaimAll();
  Finish(id);
  EXPECT_EQ(Json(client.Read())["status"], "succeeded");
}

TEST_F(Wait, ManyWaitersHoldNoThreads) {
  std::vector<Client> clients;
  for (std::size_t i = 1; i <= 60; ++i) {
    clients.push_back(Ask());
    AwaitQueueNotifications(i);
    ClaimAll();
  }
  EXPECT_EQ(Request("GET", "/api/v1/runs?limit=100").status, 200);
  const auto runs = store_->List({.limit = 100});
  for (const auto& run : *runs) {
    Finish(run.id);
    Announce(run.id);
  }
  for (Client& client : clients) EXPECT_EQ(Json(client.Read())["status"], "succeeded");
}

}  // namespace
}  // namespace oneshot::test
