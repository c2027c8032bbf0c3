#include "tests/component/controller/controller_under_test.h"

#include <gtest/gtest.h>

#include "controller/manifest/names.h"
#include "core/base/sha256.h"
#include "core/protocol/codec.h"
#include "tests/support/loopback_tls.h"

namespace oneshot::test {
namespace {

using protocol::Record;

/// Without its newline, which the server adds.
std::string Line(const Record& record) {
  std::string line = protocol::Encode(record);
  line.pop_back();
  return line;
}

std::string FinishedLine(const std::string& run_id, int attempt,
                         const std::vector<std::string>& kept, protocol::Reason reason,
                         int exit_code) {
  protocol::Finished finished;
  finished.run_id = run_id;
  finished.attempt = attempt;
  finished.reason = reason;
  finished.exit_code = exit_code;
  finished.records = std::ssize(kept);
  base::Sha256 hash;
  for (const std::string& each : kept) hash.Update(each);
  finished.sha256 = hash.HexDigest();
  return Line(finished);
}

std::string OutputLine(std::int64_t seq, const std::string& data) {
  return Line(
      protocol::Output{.stream = protocol::Stream::kStdout, .seq = seq, .ms = seq, .data = data});
}

}  // namespace

std::string ReadyLine() {
  return Line(protocol::Ready{.python = "3.11.2", .preloaded = {}, .preload_ms = 1});
}

AutonomousApiServer::Reply PlayRunner(const nlohmann::json& /*pod*/, std::string_view line) {
  // One runner serves all pods: what a pod's program does depends on its request alone. A second
  // request of the same run, which a real runner refuses, is answered by the same records again,
  // which the controller must drop.
  const auto command = protocol::DecodeCommand(line);
  if (!command) return {};
  static std::mutex mutex;
  static std::string hanging_run;
  static int hanging_attempt = 0;
  const std::lock_guard lock(mutex);
  if (std::holds_alternative<protocol::CancelCommand>(*command)) {
    return {.lines = {FinishedLine(hanging_run, hanging_attempt, {"hanging"},
                                   protocol::Reason::kCancelled, 137)},
            .exit_code = 137};
  }
  const auto* run = std::get_if<protocol::RunCommand>(&*command);
  if (run == nullptr) return {};
  const std::string started =
      Line(protocol::Started{.run_id = run->run_id, .attempt = run->attempt});
  if (run->source == "hang") {
    hanging_run = run->run_id;
    hanging_attempt = run->attempt;
    return {.lines = {started, OutputLine(0, "hanging")}};
  }
  if (run->source.starts_with("exit ")) {
    const int code = std::stoi(run->source.substr(5));
    return {.lines = {started,
                      FinishedLine(run->run_id, run->attempt, {}, protocol::Reason::kExited, code)},
            .exit_code = code};
  }
  const std::string text = run->source.substr(6);
  AutonomousApiServer::Reply reply{.lines = {started, OutputLine(0, text)}, .exit_code = 0};
  if (run->source.starts_with("slow  ")) reply.works = std::chrono::milliseconds(300);
  reply.last_lines = {OutputLine(1, "!"), FinishedLine(run->run_id, run->attempt, {text, "!"},
                                                       protocol::Reason::kExited, 0)};
  return reply;
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
  options_.max_active_runs = 100;
  options_.keep_runs = std::chrono::hours(1);
  options_.reconcile.retry_pause = base::Milliseconds(10);
  options_.reconcile.plan.delivery_patience = base::Milliseconds(500);
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
  auto term = controller::LeaderTerm::Begin(options_, {.store = store_,
                                                       .notifier = notifier_,
                                                       .client = client_,
                                                       .attacher = *attacher_,
                                                       .cluster = cluster_,
                                                       .job_template = *job_template_,
                                                       .instruments = instruments_,
                                                       .clock = clock_,
                                                       .random = base::SystemRandom()});
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
