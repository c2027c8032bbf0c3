#include "controller/kube/attach.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <mutex>
#include <thread>

#include "controller/kube/curl_client.h"
#include "controller/kube/http.h"
#include "tests/support/autonomous_api_server.h"
#include "tests/support/loopback_tls.h"
#include "tests/support/scripted_server.h"

namespace oneshot::kube {
namespace {

using base::ErrorCode;
using test::ScriptedServer;
using test::WaitUntil;
using namespace std::chrono_literals;

constexpr const char* kAttach = "/api/v1/namespaces/runs/pods/p/attach";
constexpr int kStdout = 1;
constexpr int kStderr = 2;
constexpr int kStatus = 3;

std::string Stdin(const std::string& bytes) { return std::string(1, '\0') + bytes; }

class AttachTest : public testing::Test {
 protected:
  AttachClient& Client() {
    if (client_ == nullptr) {
      options_.run_namespace = "runs";
      client_ = MakeAttachClient(test::CredentialsFor(server_.Port()), options_);
    }
    return *client_;
  }

  AttachHandlers Handlers() {
    AttachHandlers handlers;
    handlers.on_open = [this] { Note("open"); };
    handlers.on_lines = [this](const std::vector<std::string>& lines) {
      for (const std::string& line : lines) Note("out:" + line);
    };
    handlers.on_closed = [this](const base::Error& error) {
      const std::lock_guard lock(mutex_);
      closed_.push_back(error);
    };
    return handlers;
  }

  test::Exchange& ExpectAttach() {
    return server_.Expect("GET", kAttach)
        .WithQuery("container", "python")
        .WithQuery("stdin", "true")
        .WithQuery("stdout", "true")
        .WithQuery("stderr", "false")
        .WithHeader("user-agent", kUserAgent)
        .WithHeader("sec-websocket-protocol", "v5.channel.k8s.io, v4.channel.k8s.io");
  }

  void Note(const std::string& text) {
    const std::lock_guard lock(mutex_);
    told_.push_back(text);
  }
  std::vector<std::string> Told() {
    const std::lock_guard lock(mutex_);
    return told_;
  }
  base::Error AwaitClosed() {
    WaitUntil(
        [this] {
          const std::lock_guard lock(mutex_);
          return !closed_.empty();
        },
        "on_closed");
    const std::lock_guard lock(mutex_);
    return closed_.empty() ? base::Error{} : closed_.front();
  }

  ScriptedServer server_;
  AttachOptions options_;
  std::mutex mutex_;
  std::vector<std::string> told_;    // guarded by mutex_
  std::vector<base::Error> closed_;  // guarded by mutex_
  std::unique_ptr<AttachClient> client_;
};

TEST_F(AttachTest, SendsWhatWasWrittenBeforeItWasOpenAndTellsTheAnswer) {
  ExpectAttach().UpgradeToWebSocket().AwaitMessage().Message(kStdout, "hello\n");
  const auto connection = Client().Open("p", Handlers());
  connection->Write("run\n");
  WaitUntil([this] { return Told().size() == 2; }, "the answer");
  EXPECT_EQ(Told(), (std::vector<std::string>{"open", "out:hello"}));
  EXPECT_EQ(server_.Messages(), (std::vector<std::string>{Stdin("run\n")}));
}

TEST_F(AttachTest, SendsALargeWriteAsOneMessage) {
  const std::string large(3'000'000, 'x');
  ExpectAttach().UpgradeToWebSocket().AwaitMessage().AwaitMessage();
  const auto connection = Client().Open("p", Handlers());
  connection->Write(large);
  connection->Write("after");
  WaitUntil([this] { return server_.Messages().size() == 2; }, "both messages");
  EXPECT_TRUE(server_.Messages()[0] == Stdin(large)) << "a fragment would be taken for a message";
  EXPECT_EQ(server_.Messages()[1], Stdin("after"));
}

TEST_F(AttachTest, PutsLinesTogetherWhereverTheyWereCut) {
  auto& attach = ExpectAttach().UpgradeToWebSocket();
  for (const char byte : std::string("{\"é\": 1}\n\n{}\n")) attach.Message(kStdout, {&byte, 1});
  attach.Message(kStdout, "a\nb\nhalf").Message(kStdout, "\n");
  const auto connection = Client().Open("p", Handlers());
  WaitUntil([this] { return Told().size() == 6; }, "five lines");
  EXPECT_EQ(Told(), (std::vector<std::string>{"open", "out:{\"é\": 1}", "out:{}", "out:a", "out:b",
                                              "out:half"}));
}

TEST_F(AttachTest, HandsOverTogetherWhatCameTogetherAndBytesWithoutALine) {
  ExpectAttach().UpgradeToWebSocket().Message(kStdout, "a\nb\nc").Message(kStdout, "d");
  AttachHandlers handlers = Handlers();
  handlers.on_lines = [this](const std::vector<std::string>& lines) {
    Note(std::to_string(lines.size()));
  };
  const auto connection = Client().Open("p", std::move(handlers));
  WaitUntil([this] { return Told().size() == 3; }, "two messages");
  EXPECT_EQ(Told(), (std::vector<std::string>{"open", "2", "0"}));
}

TEST_F(AttachTest, GivesUpAnEndlessLineAndReadsTheNextOnes) {
  options_.max_line_bytes = 10;
  ExpectAttach()
      .UpgradeToWebSocket()
      .Message(kStdout, std::string(1 << 20, 'x'))
      .Message(kStdout, "yz\nnext\n");
  const auto connection = Client().Open("p", Handlers());
  WaitUntil([this] { return Told().size() == 3; }, "the line after it");
  EXPECT_EQ(Told(), (std::vector<std::string>{"open", "out:xxxxxxxxxx", "out:next"}));
}

TEST_F(AttachTest, LeavesStderrAlone) {
  ExpectAttach().UpgradeToWebSocket().Message(kStderr, "diagnostics\n").Message(kStdout, "out\n");
  const auto connection = Client().Open("p", Handlers());
  WaitUntil([this] { return Told().size() == 2; }, "the output");
  EXPECT_EQ(Told(), (std::vector<std::string>{"open", "out:out"}));
}

TEST_F(AttachTest, ResumesItsTlsSession) {
  for (int i = 1; i <= 2; ++i) {
    ExpectAttach().UpgradeToWebSocket().Message(kStdout, "out\n");
    const auto connection = Client().Open("p", Handlers());
    WaitUntil([&] { return Told().size() == 2U * i; }, "the output");
  }
  EXPECT_EQ(server_.ResumedCount(), 1);
}

TEST_F(AttachTest, TellsTheContainersEndAfterItsOutput) {
  ExpectAttach()
      .UpgradeToWebSocket()
      .Message(kStdout, {})  // servers begin with an empty message on each channel
      .Message(kStdout, "last\n")
      .Message(kStatus, R"({"metadata":{},"status":"Success"})")  // as Kubernetes 1.34 writes it
      .CloseFrame();
  const auto connection = Client().Open("p", Handlers());
  EXPECT_EQ(AwaitClosed().message, "the container ended");
  EXPECT_EQ(Told(), (std::vector<std::string>{"open", "out:last"}));
}

TEST_F(AttachTest, TellsTheEndOnceAndLast) {
  const std::string end = R"({"kind":"Status","status":"Success"})";
  ExpectAttach()
      .UpgradeToWebSocket()
      .Message(kStdout, "a\n")
      .Message(kStatus, end)
      .Message(kStdout, "b\n")
      .Message(kStatus, end)
      .CloseFrame();
  {
    const auto connection = Client().Open("p", Handlers());
    AwaitClosed();
    server_.WaitUntilDone();
  }
  EXPECT_EQ(Told(), (std::vector<std::string>{"open", "out:a"}));
  EXPECT_EQ(closed_.size(), 1U);
}

TEST_F(AttachTest, TellsThatTheKubeletRefused) {
  ExpectAttach().UpgradeToWebSocket().Message(
      kStatus,
      R"({"kind":"Status","status":"Failure","code":500,"message":"container not running"})");
  const auto connection = Client().Open("p", Handlers());
  const base::Error error = AwaitClosed();
  EXPECT_EQ(error.code, ErrorCode::kUnavailable);
  EXPECT_EQ(error.message, "container not running");
}

TEST_F(AttachTest, TellsWhyTheUpgradeWasRefused) {
  const struct {
    int status;
    ErrorCode want;
  } cases[] = {{404, ErrorCode::kNotFound},
               {400, ErrorCode::kUnavailable},
               {500, ErrorCode::kUnavailable},
               {401, ErrorCode::kUnavailable},
               {403, ErrorCode::kPermissionDenied}};
  for (const auto& one : cases) {
    closed_.clear();
    ExpectAttach().Answer(one.status,
                          R"({"kind":"Status","status":"Failure","message":"because"})");
    const auto connection = Client().Open("p", Handlers());
    const base::Error error = AwaitClosed();
    EXPECT_EQ(error.code, one.want) << one.status;
    EXPECT_NE(error.message.find("because"), std::string::npos) << error.message;
  }
  EXPECT_TRUE(Told().empty()) << "never open";
}

TEST_F(AttachTest, TellsACut) {
  ExpectAttach().UpgradeToWebSocket().Message(kStdout, "half").Reset();
  const auto connection = Client().Open("p", Handlers());
  EXPECT_EQ(AwaitClosed().code, ErrorCode::kUnavailable);
}

TEST_F(AttachTest, TellsThatNobodyListens) {
  std::uint16_t closed_port = 0;
  {
    const ScriptedServer gone;
    closed_port = gone.Port();
  }
  const auto client = MakeAttachClient(test::CredentialsFor(closed_port), {"runs"});
  const auto connection = client->Open("p", Handlers());
  EXPECT_EQ(AwaitClosed().message, "connect: connection refused");
}

TEST_F(AttachTest, GivesUpOnAnUpgradeThatIsNeverAnswered) {
  options_.connect_deadline = 1s;  // enough for TLS on a busy machine
  ExpectAttach().AwaitRelease();
  const auto connection = Client().Open("p", Handlers());
  EXPECT_EQ(AwaitClosed().code, ErrorCode::kUnavailable);
}

TEST_F(AttachTest, NoticesAPeerThatFellSilent) {
  options_.max_silence = 100ms;
  ExpectAttach().UpgradeToWebSocket().GoDeaf();
  const auto connection = Client().Open("p", Handlers());
  EXPECT_EQ(AwaitClosed().code, ErrorCode::kUnavailable);
}

TEST_F(AttachTest, StaysOpenThroughSilenceWhileThePeerAnswersPings) {
  options_.max_silence = 500ms;  // enough for a pong from a busy machine
  ExpectAttach().UpgradeToWebSocket().Wait(1500ms).Message(kStdout, "late\n");
  const auto connection = Client().Open("p", Handlers());
  WaitUntil([this] { return Told().size() == 2; }, "output after three silences");
}

TEST_F(AttachTest, SendsWhatWasQueuedBeforeItIsDropped) {
  ExpectAttach().UpgradeToWebSocket().AwaitMessage();
  auto connection = Client().Open("p", Handlers());
  WaitUntil([this] { return !Told().empty(); }, "open");
  connection->Write("cancel\n");
  connection.reset();
  WaitUntil([this] { return server_.Messages().size() == 1; }, "the last message");
}

// The controller leaves runners that it has no use for at once: no side may keep such a link.
TEST_F(AttachTest, DroppingItLeavesNoConnectionBehindWhereverItIsByThen) {
  options_.connect_deadline = 2s;  // enough for TLS on a busy machine
  ExpectAttach().AwaitRelease();
  {
    const auto not_accepted_yet = Client().Open("p", Handlers());
    WaitUntil([this] { return server_.Requests().size() == 1; }, "the request");
  }
  for (const bool deaf : {false, true}) {
    auto& attach = ExpectAttach().UpgradeToWebSocket();
    if (deaf) attach.GoDeaf();
    const auto open = Client().Open("p", Handlers());
    WaitUntil([&] { return Told().size() == (deaf ? 2U : 1U); }, "open");
  }
  WaitUntil([this] { return server_.OpenCount() == 0; }, "all connections to end");
}

TEST_F(AttachTest, DroppingItEndsAWriteThatNobodyReads) {
  options_.connect_deadline = 2s;  // enough for TLS on a busy machine
  ExpectAttach().UpgradeToWebSocket().StopReading();
  auto connection = Client().Open("p", Handlers());
  WaitUntil([this] { return !Told().empty(); }, "open");
  connection->Write(std::string(64 << 20, 'x'));
  connection.reset();
  WaitUntil([this] { return server_.OpenCount() == 0; }, "the connection to end");
}

TEST(AttachDrop, NoHandlerRunsAfterwardsWhereverItIsByThen) {
  test::AutonomousApiServer::Options behaviour;
  behaviour.on_line = [](const nlohmann::json&, std::string_view) {
    return test::AutonomousApiServer::Reply{std::vector<std::string>(20, "line")};
  };
  test::AutonomousApiServer server(behaviour);
  const auto credentials = test::CredentialsFor(server.Port());
  CurlClient client(credentials, {.run_namespace = "runs"}, {});
  ASSERT_TRUE(client.CreateJob(R"({"metadata":{"name":"j"}})"));
  WaitUntil([&] { return client.ReadLog("j-pod", 1000).operator bool(); }, "the container to run");
  const auto attaches = MakeAttachClient(credentials, {"runs"});
  for (int i = 0; i < 60; ++i) {
    std::atomic<int> calls{0};
    std::atomic<bool> dropped{false};
    const auto check = [&] {
      EXPECT_FALSE(dropped);
      ++calls;
    };
    auto connection =
        attaches->Open("j-pod", {check, [&](const std::vector<std::string>&) { check(); },
                                 [&](const base::Error&) { check(); }});
    connection->Write("go\n");
    // At once, when it is open, or in the middle of its output.
    WaitUntil([&] { return calls >= i % 6; }, "the moment to drop it");
    connection.reset();
    dropped = true;
  }
  WaitUntil([&] { return server.AttachCount() == 0; }, "the attaches to end");
}

TEST_F(AttachTest, DroppingItWaitsForAHandlerOnAnotherThread) {
  ExpectAttach().UpgradeToWebSocket();
  std::latch entered(1);
  std::latch may_leave(1);
  std::atomic<bool> handler_left{false};
  AttachHandlers handlers = Handlers();
  handlers.on_open = [&] {
    entered.count_down();
    may_leave.wait();
    handler_left = true;
  };
  auto connection = Client().Open("p", std::move(handlers));
  entered.wait();
  const std::jthread releaser([&] { may_leave.count_down(); });
  connection.reset();
  EXPECT_TRUE(handler_left);
}

TEST_F(AttachTest, MayBeDroppedFromInsideAHandlerWhichIsThenTheLast) {
  ExpectAttach().UpgradeToWebSocket().Message(kStdout, "a\n").Message(kStdout, "b\n");
  std::shared_ptr<AttachConnection> connection;
  std::mutex gate;
  std::atomic<int> calls{0};
  AttachHandlers handlers = Handlers();
  handlers.on_lines = [&](const std::vector<std::string>&) {
    const std::lock_guard lock(gate);
    connection.reset();
    ++calls;
  };
  {
    const std::lock_guard lock(gate);
    connection = Client().Open("p", std::move(handlers));
  }
  WaitUntil([&] { return calls > 0; }, "the first output");
  server_.WaitUntilDone();
  client_.reset();
  EXPECT_EQ(calls, 1);
  EXPECT_TRUE(closed_.empty());
}

TEST_F(AttachTest, SendsWhatAHandlerWroteBeforeItDroppedTheConnection) {
  ExpectAttach().UpgradeToWebSocket().AwaitMessage();
  std::shared_ptr<AttachConnection> connection;
  std::mutex gate;
  AttachHandlers handlers;
  handlers.on_open = [&] {
    const std::lock_guard lock(gate);
    connection->Write("cancel\n");
    connection.reset();
  };
  {
    const std::lock_guard lock(gate);
    connection = Client().Open("p", std::move(handlers));
  }
  WaitUntil([this] { return server_.Messages().size() == 1; }, "the last message");
  const std::lock_guard lock(gate);
  EXPECT_EQ(connection, nullptr);
}

TEST_F(AttachTest, LetsGoOfWhatItsHandlersOwn) {
  for (const bool closed : {true, false}) {
    const auto owned = std::make_shared<int>();
    auto& attach = ExpectAttach().UpgradeToWebSocket();
    if (closed) attach.Reset();
    std::atomic<bool> opened{false};
    auto connection = Client().Open(
        "p", {[owned, &opened] { opened = true; }, {}, [owned](const base::Error&) {}});
    WaitUntil([&] { return opened.load(); }, "on_open");
    if (!closed) connection.reset();
    WaitUntil([&] { return owned.use_count() == 1; }, "the handlers being destroyed");
  }
}

}  // namespace
}  // namespace oneshot::kube
