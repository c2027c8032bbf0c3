#include "tests/component/api/running_api.h"

#include <stdexcept>

#include "tests/support/store/cold_attempt.h"

namespace oneshot::test {

class RunningApi::Notifier final : public store::Notifier {
 public:
  explicit Notifier(RunningApi& api) : api_(api) {}
  void Notify(const std::string& channel, const std::string& run_id) override {
    if (channel != store::kQueueChannel) return;
    const std::lock_guard lock(api_.mutex_);
    api_.queue_notifications_.push_back(run_id);
  }

 private:
  RunningApi& api_;
};

RunningApi::RunningApi() : port_(FreePort()) {
  auto store = std::make_unique<MemoryRunStore>(clock_);
  store_ = store.get();
  epoch_ = *store->TakeEpoch("test");
  api::Options options;
  options.listener.address = "127.0.0.1:" + std::to_string(port_);
  options.drain = std::chrono::milliseconds(0);
  options.queue = {.runs = 80, .runs_per_submitter = 70};
  options.shares.bounds = {.per_submitter = 3, .bytes = 1'000'000};
  options.run_image = "python:test";
  auto app = api::App::Create(std::move(options), {.store = std::move(store),
                                                   .notifier = std::make_unique<Notifier>(*this),
                                                   .listen =
                                                       [this](store::ListenHandlers handlers) {
                                                         handlers_ = std::move(handlers);
                                                         return std::jthread();
                                                       },
                                                   .prepare = [] { return base::Status(); }});
  if (!app) throw std::runtime_error(app.error().message);
  app_ = *std::move(app);
  thread_ = std::jthread([this](std::stop_token stop) { app_->Run(stop); });
}

RunningApi::~RunningApi() { Stop(); }

void RunningApi::Stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
}

std::string RunningApi::Submit(const std::string& source) {
  const Answer answer = Request("POST", "/api/v1/runs", nlohmann::json{{"source", source}}.dump());
  EXPECT_EQ(answer.status, 201) << answer.body;
  return answer.status == 201 ? Json(answer)["id"].get<std::string>() : "";
}

void RunningApi::AwaitQueueNotifications(std::size_t count) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (std::chrono::steady_clock::now() < deadline) {
    {
      const std::lock_guard lock(mutex_);
      if (queue_notifications_.size() >= count) return;
    }
    std::this_thread::yield();
  }
  ADD_FAILURE() << "the controller was not notified " << count << " times";
}

void RunningApi::ClaimAll() { ASSERT_TRUE(store_->Claim(epoch_, {.cold_slots = 100})); }

void RunningApi::Print(const std::string& id, std::vector<domain::OutputRecord> records,
                       int attempt) {
  const store::Progress progress{
      .job = {.name = "run-" + id + "-1", .pod = "pod", .node = "node", .image = "python:test"},
      .started_ago = base::Milliseconds(0),
      .records = std::move(records)};
  ASSERT_TRUE(store_->RecordProgress(epoch_, ColdAttempt(id, attempt), progress));
}

void RunningApi::Finish(const std::string& id, domain::RunStatus status, int attempt) {
  domain::Outcome outcome;
  outcome.status = status;
  outcome.reason = "exited";
  outcome.exit_code = 0;
  outcome.wall_ms = 5;
  ASSERT_TRUE(store_->Finish(epoch_, ColdAttempt(id, attempt), {}, outcome));
}

void RunningApi::Announce(const std::string& id) { handlers_.on_notification({id}); }

domain::OutputRecord RunningApi::Record(std::int64_t seq, const std::string& data) {
  domain::OutputRecord record;
  record.seq = seq;
  record.pieces = {{.data = data}};
  return record;
}

}  // namespace oneshot::test
