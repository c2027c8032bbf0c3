#include <gtest/gtest.h>

#include <atomic>
#include <mutex>

#include "controller/kube/beast_attacher.h"
#include "controller/kube/curl_client.h"
#include "tests/support/autonomous_api_server.h"
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
  BeastAttacher& Attacher() {
    if (attacher_ == nullptr) {
      options_.run_namespace = "runs";
      attacher_ = std::make_unique<BeastAttacher>(Credentials::Plain("127.0.0.1", server_.Port()),
                                                  options_);
    }
    return *attacher_;
  }

  AttachHandlers Handlers() {
    AttachHandlers handlers;
    handlers.on_open = [this] { Note("open"); };
    handlers.on_stdout = [this](std::string_view bytes) { Note("out:" + std::string(bytes)); };
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
  std::unique_ptr<BeastAttacher> attacher_;
};

TEST_F(AttachTest, SendsWhatWasWrittenBeforeItWasOpenAndTellsTheAnswer) {
  ExpectAttach()
      .WithQuery("stderr", "false")
      .UpgradeToWebSocket()
      .AwaitMessage()
      .Message(kStdout, "hello\n");
  const auto session = Attacher().Open("p", Handlers());
  session->Write("run\n");
  WaitUntil([this] { return Told().size() == 2; }, "the answer");
  EXPECT_EQ(Told(), (std::vector<std::string>{"open", "out:hello\n"}));
  EXPECT_EQ(server_.Messages(), (std::vector<std::string>{Stdin("run\n")}));
}

TEST_F(AttachTest, SendsALargeWriteAsOneMessage) {
  const std::string large(3'000'000, 'x');
  ExpectAttach().UpgradeToWebSocket().AwaitMessage().AwaitMessage();
  const auto session = Attacher().Open("p", Handlers());
  session->Write(large);
  session->Write("after");
  WaitUntil([this] { return server_.Messages().size() == 2; }, "both messages");
  EXPECT_TRUE(server_.Messages()[0] == Stdin(large)) << "a fragment would be taken for a message";
  EXPECT_EQ(server_.Messages()[1], Stdin("after"));
}

TEST_F(AttachTest, KeepsStderrApart) {
  ExpectAttach()
      .WithQuery("stderr", "true")
      .UpgradeToWebSocket()
      .Message(kStderr, "diagnostics")
      .Message(kStdout, "out");
  AttachHandlers handlers = Handlers();
  handlers.on_stderr = [this](std::string_view bytes) { Note("err:" + std::string(bytes)); };
  const auto session = Attacher().Open("p", std::move(handlers));
  WaitUntil([this] { return Told().size() == 3; }, "both outputs");
  EXPECT_EQ(Told(), (std::vector<std::string>{"open", "err:diagnostics", "out:out"}));
}

TEST_F(AttachTest, TellsTheContainersEndAfterItsOutput) {
  ExpectAttach()
      .UpgradeToWebSocket()
      .Message(kStdout, {})  // servers begin with an empty message on each channel
      .Message(kStdout, "last")
      .Message(kStatus, R"({"metadata":{},"status":"Success"})")  // as Kubernetes 1.34 writes it
      .CloseFrame();
  const auto session = Attacher().Open("p", Handlers());
  EXPECT_EQ(AwaitClosed().message, "the container ended");
  EXPECT_EQ(Told(), (std::vector<std::string>{"open", "out:last"}));
}

TEST_F(AttachTest, TellsThatTheKubeletRefused) {
  ExpectAttach().UpgradeToWebSocket().Message(
      kStatus,
      R"({"kind":"Status","status":"Failure","code":500,"message":"container not running"})");
  const auto session = Attacher().Open("p", Handlers());
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
    const auto session = Attacher().Open("p", Handlers());
    const base::Error error = AwaitClosed();
    EXPECT_EQ(error.code, one.want) << one.status;
    EXPECT_NE(error.message.find("because"), std::string::npos) << error.message;
  }
  EXPECT_TRUE(Told().empty()) << "never open";
}

TEST_F(AttachTest, TellsACut) {
  ExpectAttach().UpgradeToWebSocket().Message(kStdout, "half").Reset();
  const auto session = Attacher().Open("p", Handlers());
  EXPECT_EQ(AwaitClosed().code, ErrorCode::kUnavailable);
}

TEST_F(AttachTest, TellsThatNobodyListens) {
  std::uint16_t closed_port = 0;
  {
    const ScriptedServer gone;
    closed_port = gone.Port();
  }
  BeastAttacher attacher(Credentials::Plain("127.0.0.1", closed_port), {"runs"});
  const auto session = attacher.Open("p", Handlers());
  EXPECT_EQ(AwaitClosed().message, "connect: connection refused");
}

TEST_F(AttachTest, GivesUpOnAnUpgradeThatIsNeverAnswered) {
  options_.connect_deadline = 50ms;
  ExpectAttach().AwaitRelease();
  const auto session = Attacher().Open("p", Handlers());
  EXPECT_EQ(AwaitClosed().code, ErrorCode::kUnavailable);
}

TEST_F(AttachTest, NoticesAPeerThatFellSilent) {
  options_.max_silence = 100ms;
  ExpectAttach().UpgradeToWebSocket().GoDeaf();
  const auto session = Attacher().Open("p", Handlers());
  EXPECT_EQ(AwaitClosed().code, ErrorCode::kUnavailable);
}

TEST_F(AttachTest, StaysOpenThroughSilenceWhileThePeerAnswersPings) {
  options_.max_silence = 500ms;  // enough for a pong from a busy machine
  ExpectAttach().UpgradeToWebSocket().Wait(1500ms).Message(kStdout, "late");
  const auto session = Attacher().Open("p", Handlers());
  WaitUntil([this] { return Told().size() == 2; }, "output after three silences");
}

TEST_F(AttachTest, SendsWhatWasQueuedBeforeItIsDropped) {
  ExpectAttach().UpgradeToWebSocket().AwaitMessage();
  auto session = Attacher().Open("p", Handlers());
  WaitUntil([this] { return !Told().empty(); }, "open");
  session->Write("cancel\n");
  session.reset();
  WaitUntil([this] { return server_.Messages().size() == 1; }, "the last message");
}

TEST(AttachDrop, NoHandlerRunsAfterwardsWhereverItIsByThen) {
  test::AutonomousApiServer::Options behaviour;
  behaviour.on_line = [](const nlohmann::json&, std::string_view) {
    return test::AutonomousApiServer::Reply{std::vector<std::string>(20, "line")};
  };
  test::AutonomousApiServer server(behaviour);
  const auto credentials = Credentials::Plain("127.0.0.1", server.Port());
  CurlClient client(credentials, {.run_namespace = "runs"}, {});
  ASSERT_TRUE(client.CreateJob(R"({"metadata":{"name":"j"}})"));
  WaitUntil([&] { return client.ReadLog("j-pod", 1000).operator bool(); }, "the container to run");
  BeastAttacher attacher(credentials, {"runs"});
  for (int i = 0; i < 60; ++i) {
    std::atomic<int> calls{0};
    std::atomic<bool> dropped{false};
    const auto check = [&] {
      EXPECT_FALSE(dropped);
      ++calls;
    };
    auto session = attacher.Open(
        "j-pod", {check, [&](std::string_view) { check(); }, [&](const base::Error&) { check(); }});
    session->Write("go\n");
    // At once, when it is open, or in the middle of its output.
    WaitUntil([&] { return calls >= i % 6; }, "the moment to drop it");
    session.reset();
    dropped = true;
  }
}

TEST_F(AttachTest, MayBeDroppedFromInsideAHandler) {
  ExpectAttach().UpgradeToWebSocket().Message(kStdout, "a").Message(kStdout, "b");
  std::unique_ptr<AttachSession> session;
  std::mutex gate;
  std::atomic<bool> dropped{false};
  AttachHandlers handlers = Handlers();
  handlers.on_stdout = [&](std::string_view) {
    const std::lock_guard lock(gate);
    session.reset();
    dropped = true;
  };
  {
    const std::lock_guard lock(gate);
    session = Attacher().Open("p", std::move(handlers));
  }
  WaitUntil([&] { return dropped.load(); }, "the first output");
}

}  // namespace
}  // namespace oneshot::kube
