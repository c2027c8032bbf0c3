// That the fake behaves, seen through the real client: what component tests of the controller stand
// on.
#include "tests/support/autonomous_api_server.h"

#include <gtest/gtest.h>

#include <mutex>

#include "controller/kube/attach.h"
#include "controller/kube/curl_client.h"
#include "controller/kube/list_watch.h"
#include "core/base/thread.h"
#include "tests/support/loopback_tls.h"
#include "tests/support/wait_until.h"

namespace oneshot::kube {
namespace {

using base::ErrorCode;
using test::AutonomousApiServer;
using test::WaitUntil;
using namespace std::chrono_literals;

constexpr const char* kManifest = R"({"metadata":{"name":"run-a-1","labels":{"mine":"1"}},
  "spec":{"template":{"metadata":{"labels":{"mine":"1"}}}}})";

AutonomousApiServer::Options Echo() {
  AutonomousApiServer::Options options;
  options.first_lines = {"ready"};
  options.on_line = [](const nlohmann::json&, std::string_view line) {
    AutonomousApiServer::Reply reply{{"got " + std::string(line)}};
    if (line == "exit") reply.exit_code = 0;
    return reply;
  };
  return options;
}

class AutonomousApiServerTest : public testing::Test {
 protected:
  static ClientOptions Options() {
    ClientOptions options;
    options.run_namespace = "runs";
    options.system_namespace = "system";
    options.first_retry = 1ms;
    options.requests_per_second = 10'000;
    options.burst = 10'000;
    return options;
  }

  void StartWatching() {
    WatchOptions options;
    options.run_namespace = "runs";
    options.label_selector = "mine=1";
    options.first_pause = 1ms;
    WatchHandlers<Pod> handlers;
    handlers.on_changed = [this](const Pod& pod) {
      const std::lock_guard lock(mutex_);
      pods_[pod.meta.name] = pod;
    };
    handlers.on_deleted = [this](const Pod& pod) {
      const std::lock_guard lock(mutex_);
      pods_.erase(pod.meta.name);
    };
    list_watch_ = std::make_unique<ListWatch<Pod>>(credentials_, options, handlers);
    thread_ = base::StartThread("list-watch", [this](std::stop_token stop) {
      base::Heartbeat heartbeat(heartbeats_, "list-watch", 1h);
      list_watch_->Run(stop, heartbeat);
    });
  }
  std::size_t PodsWithPhase(const std::string& phase) {
    const std::lock_guard lock(mutex_);
    return std::count_if(pods_.begin(), pods_.end(),
                         [&](const auto& pod) { return pod.second.phase == phase; });
  }

  AutonomousApiServer server_{Echo()};
  base::SystemClock clock_;
  base::Heartbeats heartbeats_{clock_};
  std::shared_ptr<Credentials> credentials_ = test::CredentialsFor(server_.Port());
  CurlClient client_{credentials_, Options(), {}};
  std::mutex mutex_;
  std::map<std::string, Pod> pods_;  // guarded by mutex_
  std::unique_ptr<ListWatch<Pod>> list_watch_;
  std::jthread thread_;
};

TEST_F(AutonomousApiServerTest, ARunFromCreationToDeletion) {
  StartWatching();
  const auto job = client_.CreateJob(kManifest);
  ASSERT_TRUE(job) << job.error().message;
  EXPECT_EQ(client_.CreateJob(kManifest).error().code, ErrorCode::kAlreadyExists);
  WaitUntil([this] { return PodsWithPhase("Running") == 1; }, "a running pod");
  EXPECT_EQ(client_.GetJob("run-a-1")->meta.uid, job->meta.uid);
  EXPECT_EQ(client_.GetPod("run-a-1-pod")->phase, "Running");

  std::mutex mutex;
  std::string output;
  bool closed = false;
  const auto attaches = MakeAttachClient(credentials_, {"runs"});
  AttachHandlers handlers;
  handlers.on_lines = [&](const std::vector<std::string>& lines) {
    const std::lock_guard lock(mutex);
    for (const std::string& line : lines) output += line + "\n";
  };
  handlers.on_closed = [&](const base::Error&) {
    const std::lock_guard lock(mutex);
    closed = true;
  };
  const auto connection = attaches->Open("run-a-1-pod", std::move(handlers));
  connection->Write("hel");
  connection->Write("lo\nexit\n");
  WaitUntil(
      [&] {
        const std::lock_guard lock(mutex);
        return closed;
      },
      "the end");
  EXPECT_EQ(output, "got hello\ngot exit\n");
  const auto log = client_.ReadLog("run-a-1-pod", 1000);
  ASSERT_TRUE(log);
  EXPECT_EQ(*log, "ready\ngot hello\ngot exit\n");
  WaitUntil([this] { return PodsWithPhase("Succeeded") == 1; }, "a finished pod");
  EXPECT_EQ((*server_.Object("jobs", "run-a-1"))["status"]["conditions"][0]["type"], "Complete");

  EXPECT_EQ(client_.DeleteJob("run-a-1", "other").error().code, ErrorCode::kConflict);
  EXPECT_TRUE(client_.DeleteJob("run-a-1", job->meta.uid));
  WaitUntil([this] { return PodsWithPhase("Succeeded") == 0; }, "no pod");
  EXPECT_EQ(client_.ReadLog("run-a-1-pod", 1000).error().code, ErrorCode::kNotFound);
}

TEST_F(AutonomousApiServerTest, AnAttachToAPodThatHasNotStartedIsRefused) {
  server_.HoldPods();
  ASSERT_TRUE(client_.CreateJob(kManifest));
  std::atomic<bool> refused{false};
  const auto attaches = MakeAttachClient(credentials_, {"runs"});
  const auto connection =
      attaches->Open("run-a-1-pod", {{}, {}, [&](const base::Error& error) {
                                       EXPECT_EQ(error.code, ErrorCode::kUnavailable);
                                       refused = true;
                                     }});
  WaitUntil([&] { return refused.load(); }, "the refusal");
}

TEST_F(AutonomousApiServerTest, WatchesSurviveCutsAndExpiry) {
  StartWatching();
  for (int i = 0; i < 30; ++i) {
    const std::string name = "run-" + std::to_string(i);
    ASSERT_TRUE(
        client_.CreateJob(R"({"metadata":{"name":")" + name +
                          R"("},"spec":{"template":{"metadata":{"labels":{"mine":"1"}}}}})"));
    if (i % 5 == 2) server_.CutWatches();
    if (i % 5 == 4) server_.ExpireWatches();
  }
  WaitUntil([this] { return PodsWithPhase("Running") == 30; }, "thirty running pods");
  server_.ExpireWatches();
  server_.RemovePod("run-3-pod");
  WaitUntil([this] { return PodsWithPhase("Running") == 29; }, "one pod to be missed");
}

TEST_F(AutonomousApiServerTest, ALostAnswerHadItsEffect) {
  server_.LoseAnswers("POST", "/jobs");
  EXPECT_EQ(client_.CreateJob(kManifest).error().code, ErrorCode::kUnknownOutcome);
  EXPECT_TRUE(server_.Object("jobs", "run-a-1"));
}

}  // namespace
}  // namespace oneshot::kube
