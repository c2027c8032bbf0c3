#include "controller/kube/curl_client.h"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <future>

#include "tests/support/loopback_tls.h"
#include "tests/support/scripted_server.h"

namespace oneshot::kube {
namespace {

using base::ErrorCode;
using test::ScriptedServer;
using namespace std::chrono_literals;

constexpr const char* kJobs = "/apis/batch/v1/namespaces/runs/jobs";
constexpr const char* kPod = "/api/v1/namespaces/runs/pods/p";
constexpr const char* kLog = "/api/v1/namespaces/runs/pods/p/log";
constexpr const char* kJob = R"({"kind":"Job","metadata":{"name":"run-a-1","uid":"u1"}})";
constexpr const char* kManifest = R"({"kind":"Job","metadata":{"name":"run-a-1"}})";

std::string Status(int code, const std::string& reason) {
  return R"({"kind":"Status","status":"Failure","code":)" + std::to_string(code) +
         R"(,"reason":")" + reason + R"(","message":"m"})";
}

class CurlClientTest : public testing::Test {
 protected:
  static ClientOptions Options() {
    ClientOptions options;
    options.run_namespace = "runs";
    options.system_namespace = "system";
    options.instance = "test";
    options.first_retry = 1ms;
    return options;
  }

  CurlClient& Client() {
    if (client_ == nullptr) {
      client_ = std::make_unique<CurlClient>(test::CredentialsFor(server_.Port(), token_file_),
                                             options_, stop_.get_token());
    }
    return *client_;
  }

  ScriptedServer server_;
  ClientOptions options_ = Options();
  std::string token_file_;
  std::stop_source stop_;
  std::unique_ptr<CurlClient> client_;
};

TEST_F(CurlClientTest, CreatesAJob) {
  server_.Expect("POST", kJobs)
      .WithBody(kManifest)
      .WithHeader("content-type", "application/json")
      .WithHeader("user-agent", kUserAgent)
      .Answer(201, kJob);
  const auto job = Client().CreateJob(kManifest);
  ASSERT_TRUE(job) << job.error().message;
  EXPECT_EQ(job->meta.uid, "u1");
}

TEST_F(CurlClientTest, DoesNotSendAManifestThatIsNoObject) {
  const auto job = Client().CreateJob("[]");
  ASSERT_FALSE(job);
  EXPECT_EQ(job.error().code, ErrorCode::kInvalidArgument);
}

TEST_F(CurlClientTest, AnExistingNameIsTold) {
  server_.Expect("POST", kJobs).Answer(409, Status(409, "AlreadyExists"));
  EXPECT_EQ(Client().CreateJob(kManifest).error().code, ErrorCode::kAlreadyExists);
}

TEST_F(CurlClientTest, ReadsOneJobAndOnePodAsTheyAreNow) {
  server_.Expect("GET", std::string(kJobs) + "/run-a-1").Reset();
  server_.Expect("GET", std::string(kJobs) + "/run-a-1").Answer(200, kJob);
  server_.Expect("GET", kPod)
      .Answer(200, R"({"metadata":{"name":"p","uid":"u2"},"status":{"phase":"Running"}})");
  const auto job = Client().GetJob("run-a-1");
  ASSERT_TRUE(job) << job.error().message;
  EXPECT_EQ(job->meta.uid, "u1");
  const auto pod = Client().GetPod("p");
  ASSERT_TRUE(pod) << pod.error().message;
  EXPECT_EQ(pod->phase, "Running");
}

TEST_F(CurlClientTest, WhatIsNotThereIsTold) {
  server_.Expect("GET", std::string(kJobs) + "/run-a-1").Answer(404, Status(404, "NotFound"));
  server_.Expect("GET", kPod).Answer(404, Status(404, "NotFound"));
  EXPECT_EQ(Client().GetJob("run-a-1").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(Client().GetPod("p").error().code, ErrorCode::kNotFound);
}

TEST_F(CurlClientTest, PatchesWithAMergePatch) {
  server_.Expect("PATCH", std::string(kJobs) + "/run-a-1")
      .WithHeader("content-type", "application/merge-patch+json")
      .Answer(200, kJob);
  EXPECT_TRUE(Client().PatchJob("run-a-1", R"({"metadata":{}})"));
}

TEST_F(CurlClientTest, PatchesAPod) {
  server_.Expect("PATCH", kPod)
      .WithHeader("content-type", "application/merge-patch+json")
      .WithBody(R"({"metadata":{}})")
      .Answer(200, R"({"kind":"Pod","metadata":{"name":"p"}})");
  server_.Expect("PATCH", kPod).Answer(404, Status(404, "NotFound"));
  EXPECT_TRUE(Client().PatchPod("p", R"({"metadata":{}})"));
  EXPECT_EQ(Client().PatchPod("p", R"({"metadata":{}})").error().code, ErrorCode::kNotFound);
}

TEST_F(CurlClientTest, DeletesInTheBackgroundAndOnlyTheGivenUid) {
  server_.Expect("DELETE", std::string(kJobs) + "/run-a-1")
      .WithBody(R"("preconditions":{"uid":"u1"},"propagationPolicy":"Background")")
      .Answer(409, Status(409, "Conflict"));
  EXPECT_EQ(Client().DeleteJob("run-a-1", "u1").error().code, ErrorCode::kConflict);
}

TEST_F(CurlClientTest, DeletingWhatIsGoneIsSuccess) {
  server_.Expect("DELETE", std::string(kJobs) + "/run-a-1").Answer(404, Status(404, "NotFound"));
  EXPECT_TRUE(Client().DeleteJob("run-a-1", ""));
}

TEST_F(CurlClientTest, AWriteWithoutAnAnswerIsInDoubtAndNotRepeated) {
  server_.Expect("POST", kJobs).Reset();
  EXPECT_EQ(Client().CreateJob(kManifest).error().code, ErrorCode::kUnknownOutcome);
}

TEST_F(CurlClientTest, AWriteWhoseAnswerIsCutIsInDoubt) {
  server_.Expect("POST", kJobs).StartStream().Bytes(R"({"kind":)").Close();
  EXPECT_EQ(Client().CreateJob(kManifest).error().code, ErrorCode::kUnknownOutcome);
}

TEST_F(CurlClientTest, AWriteThatTheServerGaveUpWaitingForIsInDoubt) {
  server_.Expect("POST", kJobs).Answer(504, Status(504, "Timeout"));
  EXPECT_EQ(Client().CreateJob(kManifest).error().code, ErrorCode::kUnknownOutcome);
}

TEST_F(CurlClientTest, AWriteThatFailedIsNotRepeated) {
  server_.Expect("POST", kJobs).Answer(500, Status(500, "InternalError"));
  EXPECT_EQ(Client().CreateJob(kManifest).error().code, ErrorCode::kUnavailable);
}

TEST_F(CurlClientTest, AWriteThatWasNotSentIsUnavailable) {
  std::uint16_t closed_port = 0;
  {
    const ScriptedServer gone;
    closed_port = gone.Port();
  }
  CurlClient client(test::CredentialsFor(closed_port), Options(), {});
  EXPECT_EQ(client.CreateJob(kManifest).error().code, ErrorCode::kUnavailable);
}

TEST_F(CurlClientTest, AThrottledWriteIsRepeated) {
  server_.Expect("POST", kJobs).Answer(429, Status(429, "TooManyRequests"), {{"Retry-After", "1"}});
  server_.Expect("POST", kJobs).Answer(201, kJob);
  EXPECT_TRUE(Client().CreateJob(kManifest));
}

TEST_F(CurlClientTest, ADelayLongerThanTheCallMayLastIsHandedToTheCaller) {
  server_.Expect("GET", kLog).Answer(429, Status(429, "TooManyRequests"), {{"Retry-After", "100"}});
  const auto log = Client().ReadLog("p", 1000);
  ASSERT_FALSE(log);
  EXPECT_EQ(log.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(log.error().retry_after_seconds, 100);
}

TEST_F(CurlClientTest, AReadIsRepeatedUntilItIsAnswered) {
  server_.Expect("GET", kLog).Reset();
  server_.Expect("GET", kLog).Answer(503, Status(503, "ServiceUnavailable"));
  server_.Expect("GET", kLog).Answer(200, "log");
  EXPECT_TRUE(Client().ReadLog("p", 1000));
}

TEST_F(CurlClientTest, AnUnreadableAnswerToAReadIsOurTrouble) {
  server_.Expect("GET", "/apis/coordination.k8s.io/v1/namespaces/system/leases/l")
      .Answer(200, "<html>");
  EXPECT_EQ(Client().GetLease("l", 5s).error().code, ErrorCode::kInternal);
}

TEST_F(CurlClientTest, ARejectedTokenIsReadAnewOnce) {
  token_file_ = testing::TempDir() + "oneshot-token";
  std::ofstream(token_file_) << "old";
  server_.Expect("GET", kLog).WithHeader("authorization", "Bearer old").Answer(200, "log");
  EXPECT_TRUE(Client().ReadLog("p", 1000));
  std::ofstream(token_file_) << "new";
  server_.Expect("GET", kLog).WithHeader("authorization", "Bearer old").Answer(401, "");
  server_.Expect("GET", kLog).WithHeader("authorization", "Bearer new").Answer(200, "log");
  EXPECT_TRUE(Client().ReadLog("p", 1000));
  server_.Expect("GET", kLog).Answer(401, "");
  server_.Expect("GET", kLog).Answer(401, "");
  EXPECT_EQ(Client().ReadLog("p", 1000).error().code, ErrorCode::kPermissionDenied);
  std::filesystem::remove(token_file_);
}

TEST_F(CurlClientTest, ALogIsGivenAsItIsEvenIfItIsAnErrorSentence) {
  constexpr const char* kSentence = "unable to retrieve container logs for containerd://abc";
  server_.Expect("GET", kLog)
      .WithQuery("container", "python")
      .WithQuery("limitBytes", "1000")
      .Answer(200, kSentence);
  const auto log = Client().ReadLog("p", 1000);
  ASSERT_TRUE(log);
  EXPECT_EQ(*log, kSentence);
}

TEST_F(CurlClientTest, TheLogOfAContainerThatHasNotStartedIsUnavailable) {
  server_.Expect("GET", kLog).Answer(400, Status(400, "BadRequest"));
  EXPECT_EQ(Client().ReadLog("p", 1000).error().code, ErrorCode::kUnavailable);
}

TEST_F(CurlClientTest, KeepsBinaryLogsAsTheyAre) {
  const std::string bytes("a\0b\xff\r\n", 6);
  server_.Expect("GET", kLog).Answer(200, bytes);
  const auto log = Client().ReadLog("p", 1000);
  ASSERT_TRUE(log);
  EXPECT_EQ(*log, bytes);
}

TEST_F(CurlClientTest, WritesAnEventAboutAJob) {
  server_.Expect("POST", "/apis/events.k8s.io/v1/namespaces/runs/events")
      .WithBody(R"("reportingInstance":"test")")
      .Answer(201, "{}");
  EXPECT_TRUE(Client().CreateEvent({"run-a-1", "u1", "RunStarted", "started", false}));
}

TEST_F(CurlClientTest, TellsHowLongItsOwnRateLimitHoldsACall) {
  std::chrono::nanoseconds told{0};
  options_.requests_per_second = 0.001;
  options_.burst = 1;
  options_.call_deadline = 1h;
  options_.on_throttled = [&](std::chrono::nanoseconds wait) {
    told = wait;
    stop_.request_stop();  // nobody has a thousand seconds
  };
  server_.Expect("GET", kLog).Answer(200, "log");
  EXPECT_TRUE(Client().ReadLog("p", 1000));
  EXPECT_EQ(Client().ReadLog("p", 1000).error().code, ErrorCode::kCancelled);
  EXPECT_GT(told, 500s);
}

TEST_F(CurlClientTest, ACallThatItsOwnRateLimitLeavesNoTimeIsUnavailable) {
  options_.requests_per_second = 0.001;
  options_.burst = 1;
  server_.Expect("GET", kLog).Answer(200, "log");
  EXPECT_TRUE(Client().ReadLog("p", 1000));
  EXPECT_EQ(Client().ReadLog("p", 1000).error().code, ErrorCode::kUnavailable);
}

TEST_F(CurlClientTest, ACallEndsWhenStopIsRequested) {
  server_.Expect("GET", kLog).AwaitRelease();
  auto answer = std::async(std::launch::async, [this] { return Client().ReadLog("p", 1000); });
  test::WaitUntil([this] { return server_.Requests().size() == 1; }, "the request");
  stop_.request_stop();
  EXPECT_EQ(answer.get().error().code, ErrorCode::kCancelled);
}

TEST_F(CurlClientTest, ManyThreadsShareIt) {
  constexpr int kThreads = 8;
  for (int i = 0; i < kThreads * 10; ++i) {
    server_.Expect("GET", kLog).Answer(200, "log");
  }
  Client();
  std::vector<std::jthread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([this] {
      for (int k = 0; k < 10; ++k) EXPECT_TRUE(Client().ReadLog("p", 1000));
    });
  }
}

}  // namespace
}  // namespace oneshot::kube
