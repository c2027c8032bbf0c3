#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "api/app.h"
#include "tests/support/http_client.h"
#include "tests/support/store/memory_run_store.h"

namespace oneshot::test {

/// The whole api on a real socket, with runs in memory and a controller that is the test itself.
class RunningApi : public testing::Test {
 public:
  RunningApi();
  ~RunningApi() override;

 protected:
  static nlohmann::json Json(const Answer& answer) { return nlohmann::json::parse(answer.body); }

  Answer Request(const std::string& method, const std::string& target,
                 const std::string& body = "") const {
    return Call(port_, method, target, body);
  }
  /// The id of a run that was accepted.
  std::string Submit(const std::string& source = "print(1)");
  /// Waits until the api has told the controller of `count` events: runs accepted, cancellations.
  void AwaitQueueNotifications(std::size_t count);

  // The controller's part. Nothing here tells the api; that is for Announce.
  void ClaimAll();
  void Print(const std::string& id, std::vector<domain::OutputRecord> records, int attempt = 1);
  void Finish(const std::string& id, domain::RunStatus status = domain::RunStatus::kSucceeded,
              int attempt = 1);
  void Announce(const std::string& id);

  static domain::OutputRecord Record(std::int64_t seq, const std::string& data);

  /// Asks the api to stop and waits for it.
  void Stop();

  const int port_;
  const base::SystemClock clock_;
  MemoryRunStore* store_{nullptr};
  std::int64_t epoch_{0};

 private:
  class Notifier;
  std::mutex mutex_;
  std::vector<std::string> queue_notifications_;  // guarded by mutex_
  store::ListenHandlers handlers_;                // of the api; set before it serves
  std::unique_ptr<api::App> app_;
  std::jthread thread_;
};

}  // namespace oneshot::test
