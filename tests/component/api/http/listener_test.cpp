#include "api/http/listener.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>

#include "tests/support/http_client.h"

namespace oneshot::api::http {
namespace {

using test::Answer;
using test::Call;
using test::Client;
using testing::HasSubstr;
using testing::Not;

constexpr std::size_t kMaxBody = 100'000;
constexpr std::size_t kLargeBody = 16'000'000;

/// A server with two threads and one worker, whose queue holds one request.
struct ListenerTest : testing::Test {
  ListenerTest() {
    std::vector<Route> routes{
        {"GET", "/hello",
         [](const Request&, Responder responder) { std::move(responder).Send({.body = "hello"}); }},
        {"GET", "/large",
         [](const Request&, Responder responder) {
           std::move(responder).Send({.body = std::string(kLargeBody, 'x')});
         }},
        {"POST", "/length",
         [](const Request& request, Responder responder) {
           std::move(responder).Send({.body = std::to_string(request.body.size())});
         }},
        {"GET", "/echo/{word}",
         [](const Request& request, Responder responder) {
           Response response{.body = request.Parameter("word") + "?" + request.query};
           response.headers["X-Word"] = request.Header("X-Word");
           response.headers["X-Bad"] = "a\r\nInjected: b";
           std::move(responder).Send(std::move(response));
         }},
        {"GET", "/throw", [](const Request&, Responder) { throw std::runtime_error("secret"); }},
        {"GET", "/forget", [](const Request&, Responder) {}},
        {"GET", "/probe",
         [](const Request&, Responder responder) { std::move(responder).Send({.body = "alive"}); },
         RunsOn::kServerThread},
        {"GET", "/blocked",
         [this](const Request&, Responder responder) {
           blocked.set_value();
           gate.get_future().wait();
           std::move(responder).Send({.body = "at last"});
         }},
        {"GET", "/stream", [this](const Request&, Responder responder) {
           Response head;
           head.headers["Content-Type"] = "text/event-stream";
           head.closes_connection = true;
           streams.set_value(std::move(responder).SendStream(std::move(head)));
         }}};
    auto started = Listener::Start({.address = "127.0.0.1:" + std::to_string(port),
                                    .server_threads = 2,
                                    .max_body_bytes = kMaxBody,
                                    .max_streams = 2,
                                    .max_held_bytes = 2 * kLargeBody},
                                   Router(std::move(routes)), workers, metrics);
    if (!started) throw std::runtime_error(started.error().message);
    listener = *std::move(started);
  }
  ~ListenerTest() override {
    if (listener) listener->Stop(std::chrono::seconds(10));
    workers.Stop();
  }

  std::shared_ptr<Stream> OpenStream(Client& client) {
    streams = {};
    client.Send("GET", "/stream");
    EXPECT_EQ(client.ReadHead().status, 200);
    return streams.get_future().get();
  }

  const int port{test::FreePort()};
  telemetry::Metrics metrics;
  WorkerPool workers{1, 1};
  std::promise<void> blocked;  // its handler has begun
  std::promise<void> gate;     // lets it go on
  std::promise<std::shared_ptr<Stream>> streams;
  std::unique_ptr<Listener> listener;
};

TEST_F(ListenerTest, AnswersManyRequestsOnOneConnection) {
  Client client(port);
  for (int i = 0; i < 50; ++i) {
    client.Send("GET", "/hello");
    EXPECT_EQ(client.Read().body, "hello");
  }
}

TEST_F(ListenerTest, PassesPathQueryAndHeadersOn) {
  const Answer answer =
      Call(port, "GET", "/echo/a%20b?c=%20d", "", "X-Word: w\r\nX-Request-Id: id-7\r\n");
  EXPECT_EQ(answer.body, "a b?c=%20d");
  EXPECT_EQ(answer.headers.at("x-word"), "w");
  EXPECT_EQ(answer.headers.at("x-request-id"), "id-7");
}

TEST_F(ListenerTest, AHeaderValueCannotBeginAnotherHeader) {
  const Answer answer = Call(port, "GET", "/echo/a");
  EXPECT_FALSE(answer.headers.contains("injected"));
  EXPECT_FALSE(answer.headers.contains("x-bad"));
}

TEST_F(ListenerTest, ARequestIdThatWouldHarmALogIsReplaced) {
  const Answer answer = Call(port, "GET", "/hello", "", "X-Request-Id: a\"b{}\r\n");
  EXPECT_THAT(answer.headers.at("x-request-id"), testing::MatchesRegex("[0-9a-f]{16}"));
}

TEST_F(ListenerTest, ReadsBodiesUpToTheLimit) {
  EXPECT_EQ(Call(port, "POST", "/length", std::string(kMaxBody, 'x')).body,
            std::to_string(kMaxBody));
  Client client(port);
  client.Send(
      "POST /length HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
      "chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
  EXPECT_EQ(client.Read().body, "5");
}

TEST_F(ListenerTest, RefusesALargerBodyAndClosesTheConnection) {
  Client client(port);
  client.Send("POST", "/length", std::string(40 * kMaxBody, 'x'));
  const Answer answer = client.Read();
  EXPECT_EQ(answer.status, 413);
  EXPECT_EQ(nlohmann::json::parse(answer.body)["code"], "body_too_large");
  EXPECT_TRUE(client.IsClosedByServer());
}

TEST_F(ListenerTest, StalledUploadsAndHalfHeadersDelayNobody) {
  std::vector<Client> stalled;
  for (int i = 0; i < 20; ++i) {
    stalled.emplace_back(port).Send(
        "POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf");
    stalled.emplace_back(port).Send("GET /hello HTTP/1.1\r\nHos");
  }
  EXPECT_EQ(Call(port, "GET", "/hello").body, "hello");
}

TEST_F(ListenerTest, SaysWhatItDoesNotKnow) {
  EXPECT_EQ(Call(port, "GET", "/nothing").status, 404);
  const Answer answer = Call(port, "DELETE", "/hello");
  EXPECT_EQ(answer.status, 405);
  EXPECT_EQ(answer.headers.at("allow"), "GET, HEAD, OPTIONS");
  EXPECT_EQ(Call(port, "OPTIONS", "/hello").headers.at("allow"), "GET, HEAD, OPTIONS");
}

TEST_F(ListenerTest, TraceIsRefusedAndTellsNothing) {
  const Answer answer = Call(port, "TRACE", "/hello", "", "Cookie: secret\r\n");
  EXPECT_EQ(answer.status, 405);
  EXPECT_THAT(answer.body, Not(HasSubstr("secret")));
}

TEST_F(ListenerTest, HeadHasNoBodyAndTheConnectionGoesOn) {
  Client client(port);
  client.Send("HEAD", "/hello");
  EXPECT_EQ(client.Read(/*is_answer_to_head=*/true).status, 200);
  client.Send("GET", "/hello");
  EXPECT_EQ(client.Read().body, "hello");
}

TEST_F(ListenerTest, AHandlerThatFailsOrForgetsGivesA500WithTheRequestsId) {
  for (const char* path : {"/throw", "/forget"}) {
    const Answer answer = Call(port, "GET", path, "", "X-Request-Id: id-9\r\n");
    EXPECT_EQ(answer.status, 500);
    EXPECT_EQ(nlohmann::json::parse(answer.body)["request_id"], "id-9");
    EXPECT_THAT(answer.body, Not(HasSubstr("secret")));
  }
  EXPECT_EQ(Call(port, "GET", "/hello").status, 200);
}

TEST_F(ListenerTest, WhenEverythingIsBusyItSaysSoAtOnceAndProbesAreAnswered) {
  Client busy(port);
  busy.Send("GET", "/blocked");
  blocked.get_future().wait();
  Client queued(port);
  queued.Send("GET", "/hello");
  while (workers.Queued() == 0) std::this_thread::yield();
  const Answer refused = Call(port, "GET", "/hello");
  EXPECT_EQ(refused.status, 503);
  EXPECT_TRUE(refused.headers.contains("retry-after"));
  EXPECT_EQ(nlohmann::json::parse(refused.body)["code"], "overloaded");
  EXPECT_EQ(Call(port, "GET", "/probe").body, "alive");
  gate.set_value();
  EXPECT_EQ(busy.Read().body, "at last");
  EXPECT_EQ(queued.Read().body, "hello");
}

TEST_F(ListenerTest, ClientsThatLeaveAreNobodysTrouble) {
  for (int i = 0; i < 20; ++i) {
    Client client(port);
    client.Send("GET", "/probe");
  }
  EXPECT_EQ(Call(port, "GET", "/hello").body, "hello");
}

TEST_F(ListenerTest, SurvivesPipelining) {
  // cpprestsdk answers the first only; the proxy sends one at a time.
  Client client(port);
  client.Send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\nGET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(client.Read().body, "hello");
  EXPECT_EQ(Call(port, "GET", "/hello").body, "hello");
}

TEST_F(ListenerTest, AStreamSendsEachPieceAtOnce) {
  Client client(port);
  const auto stream = OpenStream(client);
  EXPECT_TRUE(stream->Write("one\n"));
  EXPECT_TRUE(client.ReadUntil("one\n"));
  EXPECT_TRUE(stream->Write("two\n"));
  EXPECT_TRUE(client.ReadUntil("two\n"));
  stream->Close();
  EXPECT_FALSE(client.ReadUntil("three"));
  EXPECT_FALSE(stream->Write("three"));
  EXPECT_TRUE(client.IsClosedByServer());
}

TEST_F(ListenerTest, OfAnAbortedStreamTheClientSeesThatItIsNotTheEnd) {
  for (const bool is_aborted : {false, true}) {
    Client client(port);
    const auto stream = OpenStream(client);
    const std::string body(100'000, 'x');
    EXPECT_TRUE(stream->Write(body));
    is_aborted ? stream->Abort() : stream->Close();
    EXPECT_FALSE(client.ReadUntil("y"));
    EXPECT_EQ(client.streamed(), body) << "what was pending still came";
    EXPECT_EQ(client.HasLastChunk(), !is_aborted);
    EXPECT_TRUE(client.IsClosedByServer());
  }
}

TEST_F(ListenerTest, LargeAnswersThatNobodyReadsAreNotHeldWithoutBound) {
  // The kernel takes some megabytes of an answer; the rest stays here.
  const auto ask = [this] {
    Client client(port);
    client.Send("GET", "/large");
    const int status = client.ReadHead().status;
    return std::pair(status, std::move(client));
  };
  auto first = std::make_optional(ask());
  EXPECT_EQ(first->first, 200);
  const auto second = ask();
  EXPECT_EQ(second.first, 200);
  EXPECT_EQ(ask().first, 503);
  EXPECT_EQ(Call(port, "GET", "/hello").status, 200);
  const std::string large_body(kMaxBody, 'x');
  const Answer refused = Call(port, "POST", "/length", large_body);
  EXPECT_EQ(refused.status, 503) << "requests have the same bound";
  EXPECT_EQ(nlohmann::json::parse(refused.body)["code"], "overloaded");
  EXPECT_EQ(Call(port, "POST", "/length", std::string(60'000, 'x')).body, "60000");
  first.reset();
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (ask().first != 200 && std::chrono::steady_clock::now() < deadline)
    std::this_thread::yield();
  while (Call(port, "POST", "/length", large_body).status != 200 &&
         std::chrono::steady_clock::now() < deadline)
    std::this_thread::yield();
  EXPECT_LT(std::chrono::steady_clock::now(), deadline) << "there is room again";
}

TEST_F(ListenerTest, AStreamNoticesThatItsClientHasGone) {
  auto client = std::make_optional<Client>(port);
  const auto stream = OpenStream(*client);
  client.reset();
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (stream->Write("still there?\n") && std::chrono::steady_clock::now() < deadline)
    std::this_thread::yield();
  EXPECT_TRUE(stream->IsOver());
}

TEST_F(ListenerTest, AStreamTellsHowMuchASlowClientLeavesWithUs) {
  Client client(port);
  const auto stream = OpenStream(client);
  const std::string piece(65'536, 'x');
  // The kernel takes some megabytes before anything stays here.
  for (int i = 0; i < 1000 && stream->Pending() < 10 * piece.size(); ++i) stream->Write(piece);
  EXPECT_GE(stream->Pending(), 10 * piece.size());
  client.Close();
}

TEST_F(ListenerTest, RefusesMoreStreamsThanItMayHold) {
  Client first(port);
  Client second(port);
  OpenStream(first);
  OpenStream(second);
  streams = {};
  const Answer answer = Call(port, "GET", "/stream");
  EXPECT_EQ(answer.status, 503);
  EXPECT_TRUE(answer.headers.contains("retry-after"));
}

TEST_F(ListenerTest, StoppingFinishesWhatIsUnderWayAndEndsStreams) {
  Client streaming(port);
  OpenStream(streaming);
  Client busy(port);
  busy.Send("GET", "/blocked");
  blocked.get_future().wait();
  Client queued(port);
  queued.Send("GET", "/hello");
  while (workers.Queued() == 0) std::this_thread::yield();

  auto stopped =
      std::async(std::launch::async, [this] { listener->Stop(std::chrono::seconds(20)); });
  Answer refused;  // the queue is full, so what comes now is refused for this reason or the other
  do {
    refused = Call(port, "GET", "/hello");
  } while (refused.body.find("overloaded") != std::string::npos);
  EXPECT_EQ(refused.status, 503);
  EXPECT_THAT(refused.body, HasSubstr("shutting_down"));
  gate.set_value();
  EXPECT_EQ(busy.Read().body, "at last");
  EXPECT_EQ(queued.Read().body, "hello");
  EXPECT_FALSE(streaming.ReadUntil("anything"));
  stopped.wait();
  listener.reset();
}

TEST_F(ListenerTest, CountsByRoute) {
  Call(port, "GET", "/echo/a");
  Call(port, "GET", "/echo/b");
  Call(port, "GET", "/made-up");
  const std::string text = metrics.Render();
  EXPECT_THAT(
      text,
      HasSubstr(
          "oneshot_http_requests_total{code=\"2xx\",method=\"GET\",route=\"/echo/{word}\"} 2"));
  EXPECT_THAT(
      text, HasSubstr("oneshot_http_requests_total{code=\"4xx\",method=\"any\",route=\"none\"} 1"));
  EXPECT_THAT(text, Not(HasSubstr("made-up")));
}

TEST(Listener, ListensOnLoopbackOnly) {
  WorkerPool workers(1, 1);
  telemetry::Metrics metrics;
  for (const char* address :
       {"0.0.0.0:8081", "localhost:8081", "127.0.0.1", "10.0.0.1:80", ":80", "127.0.0.1:99999"}) {
    const auto listener = Listener::Start({.address = address}, Router({}), workers, metrics);
    ASSERT_FALSE(listener) << address;
    EXPECT_EQ(listener.error().code, base::ErrorCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace oneshot::api::http
