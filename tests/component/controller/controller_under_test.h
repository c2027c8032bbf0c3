#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "controller/cluster/cluster_view.h"
#include "controller/kube/attach.h"
#include "controller/kube/curl_client.h"
#include "controller/kube/list_watch.h"
#include "controller/leader_term.h"
#include "core/base/heartbeat.h"
#include "core/telemetry/metrics.h"
#include "tests/support/autonomous_api_server.h"
#include "tests/support/store/memory_run_store.h"

namespace oneshot::test {

/// An API server whose pods have a runner each, which says `ready`, then treats the source of its
/// one request as a word of command: "print X" prints X and "!" and exits 0, "slow  X" takes a
/// while between the two, "exit N" exits N, "hang" prints "hanging" and waits for a cancel.
AutonomousApiServer::Options PlayRunners();

/// The controller's real parts, from HTTP and WebSocket to the plan, against a small API server and
/// a store in memory. One process can hold two of them, as a cluster does during a change of
/// leaders.
class ControllerUnderTest {
 public:
  ControllerUnderTest(AutonomousApiServer& server, MemoryRunStore& store, int warm_jobs = 0);
  ~ControllerUnderTest();

  /// Takes leadership.
  void Lead();
  /// Drops everything that was in memory, as a crash does.
  void Crash();
  /// Its term has ended by itself.
  bool IsOver() const { return is_over_; }
  /// Jobs that wait, by the metric that operators see.
  bool HasReadyJobs(int count) const;
  bool HasStartingJobs(int count) const;
  /// What NOTIFY does.
  void Wake();

  controller::Options& options() { return options_; }

 private:
  class SilentNotifier final : public store::Notifier {
   public:
    void Notify(const std::string&, const std::string&) override {}
  };

  bool Shows(const std::string& gauge, int value) const;

  MemoryRunStore& store_;
  controller::Options options_;
  std::stop_source stop_;
  base::SystemClock clock_;
  base::Heartbeats heartbeats_{clock_};
  telemetry::Metrics metrics_;
  controller::Instruments instruments_;
  SilentNotifier notifier_;
  std::shared_ptr<kube::Credentials> credentials_;
  kube::CurlClient client_;
  std::unique_ptr<kube::AttachClient> attacher_;
  queue::Lanes lanes_{heartbeats_, stop_.get_token()};
  cluster::ClusterView cluster_;
  kube::ListWatch<kube::Job> job_watcher_;
  kube::ListWatch<kube::Pod> pod_watcher_;
  std::unique_ptr<manifest::JobTemplate> job_template_;
  std::unique_ptr<controller::LeaderTerm> term_;
  std::atomic<bool> is_over_{false};
  std::jthread leads_;
  std::vector<std::jthread> watches_;
};

}  // namespace oneshot::test
