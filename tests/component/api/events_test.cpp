/// GET /api/v1/runs/{id}/events over a real connection. What is sent in which case is in
/// event_session_test.cpp.
#include <optional>
#include <thread>

#include "tests/component/api/running_api.h"

namespace oneshot::test {
namespace {

class Events : public RunningApi {
 protected:
  Client Open(const std::string& id, const std::string& headers = "") {
    Client client(port_);
    client.Send("GET", "/api/v1/runs/" + id + "/events", "", headers);
    const Answer head = client.ReadHead();
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.headers.at("content-type"), "text/event-stream; charset=utf-8");
    EXPECT_EQ(head.headers.at("cache-control"), "no-store, no-transform");
    return client;
  }
};

TEST_F(Events, ComeAsTheyHappenAndEndWithTheRun) {
  const std::string id = Submit();
  Client client = Open(id);
  EXPECT_TRUE(client.ReadUntil(
      "event: status\ndata: {\"status\":\"queued\",\"queue_position\":1,\"starts_in_ms\":null,"
      "\"attempt\":0,"));
  ClaimAll();
  Announce(id);
  EXPECT_TRUE(client.ReadUntil("\"starting\""));
  Print(id, {Record(0, "caf\xC3")});
  Announce(id);
  EXPECT_TRUE(client.ReadUntil("id: 1-0\ndata: {\"text\":\"caf\""));
  Print(id, {Record(1, "\xA9\n")});
  Announce(id);
  EXPECT_TRUE(client.ReadUntil("id: 1-1\ndata: {\"text\":\"\xC3\xA9\\n\""));
  Finish(id);
  Announce(id);
  EXPECT_TRUE(client.ReadUntil("event: end\ndata: {\"id\":\"" + id + "\""));
  EXPECT_FALSE(client.ReadUntil("nothing more"));
  EXPECT_EQ(client.streamed().find("stdout_cut"), std::string::npos) << "the end has no output";
}

TEST_F(Events, ResumeAfterTheLastOne) {
  const std::string id = Submit();
  ClaimAll();
  Print(id, {Record(0, "first"), Record(1, "second")});
  Client client = Open(id, "Last-Event-ID: 1-0\r\n");
  EXPECT_TRUE(client.ReadUntil("id: 1-1\n"));
  EXPECT_EQ(client.streamed().find("first"), std::string::npos);
}

TEST_F(Events, ComeWithoutNotificationsToo) {
  const std::string id = Submit();
  Client client = Open(id);
  EXPECT_TRUE(client.ReadUntil("queued"));
  ClaimAll();
  Print(id, {Record(0, "quiet")});
  EXPECT_TRUE(client.ReadUntil("quiet"));
}

TEST_F(Events, AreLargeWhenTheOutputIs) {
  const std::string id = Submit();
  ClaimAll();
  std::vector<domain::OutputRecord> records;
  for (int i = 0; i < 200; ++i) records.push_back(Record(i, std::string(10'000, 'x')));
  Print(id, records);
  Finish(id);
  Client client = Open(id);
  EXPECT_TRUE(client.ReadUntil("event: end"));
  std::size_t count = 0;
  for (std::size_t at = 0; (at = client.streamed().find("event: stdout", at)) != std::string::npos;
       ++at)
    ++count;
  EXPECT_EQ(count, 200U);
}

TEST_F(Events, OfManyClientsAreAllSent) {
  const std::string id = Submit();
  std::vector<Client> clients;
  for (int i = 0; i < 50; ++i) clients.push_back(Open(id));
  ClaimAll();
  Print(id, {Record(0, "to all")});
  Announce(id);
  for (Client& client : clients) EXPECT_TRUE(client.ReadUntil("to all"));
}

TEST_F(Events, AClientThatLeavesIsForgotten) {
  const std::string id = Submit();
  ClaimAll();
  {
    Client client = Open(id);
    EXPECT_TRUE(client.ReadUntil("starting"));
  }
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  std::int64_t seq = 0;
  while (Request("GET", "/metrics").body.find("oneshot_api_watchers 0") == std::string::npos &&
         std::chrono::steady_clock::now() < deadline) {
    Print(id, {Record(seq++, "anybody?")});
    Announce(id);
  }
  EXPECT_LT(std::chrono::steady_clock::now(), deadline);
}

TEST_F(Events, EndWhenTheServerStops) {
  Client client = Open(Submit());
  EXPECT_TRUE(client.ReadUntil("queued"));
  Stop();
  EXPECT_FALSE(client.ReadUntil("anything"));
}

TEST_F(Events, OfAnUnknownRunAreNone) {
  for (const char* id : {"01jdxxxxxxxxxxxxxxxxxxxxxx", "1", "%00"}) {
    EXPECT_EQ(Request("GET", std::string("/api/v1/runs/") + id + "/events").status, 404) << id;
  }
}

TEST_F(Events, HeadTellsTheTypeAndOpensNothing) {
  Client client(port_);
  client.Send("HEAD", "/api/v1/runs/" + Submit() + "/events");
  EXPECT_EQ(client.Read(/*is_answer_to_head=*/true).headers.at("content-type"),
            "text/event-stream; charset=utf-8");
}

}  // namespace
}  // namespace oneshot::test
