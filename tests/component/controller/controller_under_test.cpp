#include "tests/component/controller/controller_under_test.h"

#include <gtest/gtest.h>

#include "controller/manifest/names.h"
#include "tests/support/loopback_tls.h"
#include "tests/support/model_runner.h"

namespace oneshot::test {
namespace {

using protocol::Reason;
using Reply = AutonomousApiServer::Reply;

/// What the program of a run does that has just begun.
Reply Begin(const std::shared_ptr<ModelRunner>& runner, std::vector<std::string> lines) {
  const std::string source = runner->run().source;
  if (source == "hang") {
    lines.push_back(runner->Print("hanging"));
    return {.lines = std::move(lines)};
  }
  if (source.starts_with("exit ")) {
    lines.push_back(runner->End(Reason::kExited, std::stoi(source.substr(5))));
    return {.lines = std::move(lines)};
  }
  lines.push_back(runner->Print(source.substr(6)));
  Reply reply{.lines = std::move(lines)};
  if (source.starts_with("slow  ")) reply.works = std::chrono::milliseconds(300);
  reply.then = [runner] {
    if (runner->has_ended()) return Reply{};
    std::vector<std::string> last{runner->Print("!")};
    last.push_back(runner->End(Reason::kExited, 0));
    return Reply{.lines = std::move(last)};
  };
  return reply;
}

}  // namespace

AutonomousApiServer::Options PlayRunners() {
  // On the server's thread alone.
  const auto runners = std::make_shared<std::map<std::string, std::shared_ptr<ModelRunner>>>();
  return {.first_lines = {ModelRunner::ReadyLine()},
          .on_line = [runners](const nlohmann::json& pod, std::string_view line) -> Reply {
            auto& runner = (*runners)[pod.at("metadata").at("name")];
            if (!runner) runner = std::make_shared<ModelRunner>();
            ModelRunner::Answer answer = runner->OnLine(line);
            if (answer.begins) return Begin(runner, std::move(answer.lines));
            if (answer.cancels) answer.lines.push_back(runner->End(Reason::kCancelled, 137));
            Reply reply{.lines = std::move(answer.lines)};
            if (answer.leaves) reply.exit_code = 0;
            return reply;
          }};
}

ControllerUnderTest::ControllerUnderTest(AutonomousApiServer& server, MemoryRunStore& store,
                                         int warm_jobs)
    : store_(store),
      instruments_{metrics_},
      credentials_(CredentialsFor(server.Port())),
      client_(credentials_,
              {.run_namespace = "oneshot-runs", .system_namespace = "oneshot", .instance = "test"},
              stop_.get_token()),
      attacher_(kube::MakeAttachClient(credentials_, {.run_namespace = "oneshot-runs"})),
      job_watcher_(credentials_,
                   {.run_namespace = "oneshot-runs",
                    .label_selector = manifest::InstanceSelector("oneshot"),
                    .first_pause = std::chrono::milliseconds(20)},
                   cluster_.JobHandlers()),
      pod_watcher_(credentials_,
                   {.run_namespace = "oneshot-runs",
                    .label_selector = manifest::InstanceSelector("oneshot"),
                    .first_pause = std::chrono::milliseconds(20)},
                   cluster_.PodHandlers()) {
  options_.jobs.run_namespace = options_.job_namespace;
  options_.jobs.image = "python:test";
  options_.identity = "test";
  options_.max_active_runs = options_.max_active_runs_per_submitter = options_.max_cold_runs = 100;
  options_.keep_runs = std::chrono::hours(1);
  options_.reconcile.retry_pause = base::Milliseconds(10);
  options_.reconcile.plan.cancel_patience = base::Milliseconds(500);
  if (warm_jobs > 0)
    options_.pool.classes = {
        {.name = "default", .memory_mib = 256, .minimum = warm_jobs, .maximum = warm_jobs}};
  auto job_template = manifest::JobTemplate::Parse(
      "{spec: {template: {spec: {containers: [{name: python}]}}}}", options_.jobs);
  EXPECT_TRUE(job_template);
  job_template_ = std::make_unique<manifest::JobTemplate>(*std::move(job_template));
  cluster_.SetRelist([this] {
    job_watcher_.Relist();
    pod_watcher_.Relist();
  });
  const auto watch = [this](auto& watcher) {
    return base::StartThread("watch", [this, &watcher](std::stop_token) {
      base::Heartbeat heartbeat(heartbeats_, "watch", std::chrono::minutes(2));
      watcher.Run(stop_.get_token(), heartbeat);
    });
  };
  watches_.push_back(watch(job_watcher_));
  watches_.push_back(watch(pod_watcher_));
}

ControllerUnderTest::~ControllerUnderTest() {
  Crash();
  stop_.request_stop();
  watches_.clear();
}

void ControllerUnderTest::Lead() {
  ASSERT_TRUE(cluster_.WaitUntilSynced(stop_.get_token()));
  const auto list_anew = [this](std::stop_token stop) -> base::Status {
    if (cluster_.WaitUntilListed(cluster_.Relist(), std::chrono::seconds(10), stop)) return {};
    return base::Error{base::ErrorCode::kUnavailable, "no list"};
  };
  auto term = controller::LeaderTerm::Begin(options_,
                                            {.store = store_,
                                             .notifier = notifier_,
                                             .client = client_,
                                             .attacher = *attacher_,
                                             .background = lanes_,
                                             .cluster = cluster_,
                                             .list_anew = list_anew,
                                             .job_template = *job_template_,
                                             .instruments = instruments_,
                                             .clock = clock_,
                                             .random = base::SystemRandom(),
                                             .heartbeats = heartbeats_},
                                            stop_.get_token());
  ASSERT_TRUE(term) << term.error().message;
  term_ = *std::move(term);
  leads_ = base::StartThread("term", [this](std::stop_token stop) {
    term_->Run(stop);
    is_over_ = !stop.stop_requested();
  });
}

void ControllerUnderTest::Crash() {
  leads_ = {};
  term_.reset();
}

bool ControllerUnderTest::HasReadyJobs(int count) const {
  return Shows("oneshot_pool_ready", count);
}

bool ControllerUnderTest::HasStartingJobs(int count) const {
  return Shows("oneshot_pool_starting", count);
}

bool ControllerUnderTest::Shows(const std::string& gauge, int value) const {
  return metrics_.Render().find("\n" + gauge + " " + std::to_string(value) + "\n") !=
         std::string::npos;
}

void ControllerUnderTest::Wake() {
  if (term_) term_->OnQueue();
}

}  // namespace oneshot::test
