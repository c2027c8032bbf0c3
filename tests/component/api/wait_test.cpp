/// ?wait: the answer comes with the end of the run or with newer output, and nobody holds a thread
/// until then.
#include <thread>
#include <vector>

#include "tests/component/api/running_api.h"
#include "tests/support/store/cold_attempt.h"

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

class WaitForARun : public Wait {
 protected:
  Client Read(const std::string& query) {
    Client client(port_);
    client.Send("GET", "/api/v1/runs/" + id_ + "?" + query);
    return client;
  }
  /// Until the api has `count` clients that wait.
  void AwaitWatchers(int count) {
    const std::string line = "oneshot_api_watchers " + std::to_string(count) + "\n";
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (Request("GET", "/metrics").body.find(line) == std::string::npos &&
           std::chrono::steady_clock::now() < deadline)
      std::this_thread::yield();
  }
  const std::string id_{Submit()};
};

TEST_F(WaitForARun, IsAnsweredWhenTheRunEnds) {
  ClaimAll();
  Client client = Read("wait=60");
  AwaitWatchers(1);
  Print(id_, {Record(0, "hello")});
  Announce(id_);
  Finish(id_);
  Announce(id_);
  const Answer answer = client.Read();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(Json(answer)["status"], "succeeded");
  EXPECT_EQ(Json(answer)["stdout"], "hello");
}

TEST_F(WaitForARun, IsAnsweredAtOnceWhenItHasEnded) {
  ClaimAll();
  Finish(id_);
  EXPECT_EQ(Json(Read("wait=60").Read())["status"], "succeeded");
}

TEST_F(WaitForARun, IsAnsweredWithTheStateWhenTheTimeIsUpOrTheServerStops) {
  const nlohmann::json run = Json(Read("wait=0.2").Read());
  EXPECT_EQ(run["status"], "queued");
  EXPECT_EQ(run["queue_position"], 1);
  Client client = Read("wait=60");
  AwaitWatchers(1);
  Stop();
  EXPECT_EQ(Json(client.Read())["status"], "queued");
}

TEST_F(WaitForARun, IsAnsweredWith404WhenTheRunIsDeleted) {
  ClaimAll();
  Client client = Read("wait=60");
  AwaitWatchers(1);
  Finish(id_);
  ASSERT_TRUE(store_->Delete(id_));
  EXPECT_EQ(client.Read().status, 404);
}

TEST_F(WaitForARun, IsAnsweredWithEachNewOutputToWhoSaysWhatItHas) {
  Client first = Read("wait=60&output=merged&after=0-0");
  AwaitWatchers(1);
  ClaimAll();
  Announce(id_);
  Print(id_, {Record(0, "one")});
  Announce(id_);
  const nlohmann::json one = Json(first.Read());
  EXPECT_EQ(one["status"], "running");
  EXPECT_EQ(one["merged"][0]["text"], "one");
  Client second = Read("wait=60&output=merged&after=" + one["next_after"].get<std::string>());
  AwaitWatchers(1);
  Print(id_, {Record(1, "two")});  // without a notification, which may be lost
  const nlohmann::json two = Json(second.Read());
  EXPECT_EQ(two["merged"].size(), 1U);
  EXPECT_EQ(two["merged"][0]["text"], "two");
  Client third = Read("wait=60&output=merged&after=" + two["next_after"].get<std::string>());
  AwaitWatchers(1);
  Finish(id_);
  Announce(id_);
  const nlohmann::json end = Json(third.Read());
  EXPECT_EQ(end["status"], "succeeded");
  EXPECT_EQ(end["merged"].size(), 0U);
}

TEST_F(WaitForARun, IsToldAsRunningWithOutputThatCameWhileItWasRead) {
  ClaimAll();
  store_->BeforeNextRead([&] { Print(id_, {Record(0, "one")}); });
  const nlohmann::json run = Json(Read("output=merged").Read());
  EXPECT_EQ(run["merged"][0]["text"], "one");
  EXPECT_EQ(run["status"], "running");
}

TEST_F(WaitForARun, IsToldAsRunningWithStreamsThatCameWhileTheyWereRead) {
  ClaimAll();
  store_->BeforeNextRead([&] { Print(id_, {Record(0, "one")}); });
  const nlohmann::json run = Json(Read("output=separate").Read());
  EXPECT_EQ(run["stdout"], "one");
  EXPECT_EQ(run["status"], "running");
}

TEST_F(WaitForARun, IsAnsweredWhenAnotherAttemptBegins) {
  ClaimAll();
  Print(id_, {Record(0, "void")});
  Client client = Read("wait=60&output=merged&after=1-0");
  AwaitWatchers(1);
  ASSERT_TRUE(store_->Interrupt(epoch_, ColdAttempt(id_, 1), {.reason = "node_lost"}, {}));
  ClaimAll();
  Announce(id_);
  EXPECT_EQ(Json(client.Read())["reset"], true);
}

}  // namespace
}  // namespace oneshot::test
