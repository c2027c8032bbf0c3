#pragma once

#include <memory>
#include <thread>

#include "controller/cluster/cluster_view.h"
#include "controller/kube/attach.h"
#include "controller/kube/curl_client.h"
#include "controller/kube/list_watch.h"
#include "controller/leader_term.h"
#include "controller/options.h"
#include "core/base/heartbeat.h"
#include "core/telemetry/metrics.h"

namespace oneshot::simulation {

/// The controller's parts put together as controller/app.cpp does, around another store and without
/// what a simulation has no use for: an election, LISTEN, the admin port.
class SimulatedController {
 public:
  SimulatedController(controller::Options options, manifest::JobTemplate job_template,
                      store::RunStore& store, std::uint16_t cluster_port);
  ~SimulatedController();

  /// Watches, then leads. Errors: those of the store.
  base::Status Start();

 private:
  kube::WatchOptions MakeWatchOptions() const;

  /// Nobody listens.
  class Silence final : public store::Notifier {
   public:
    void Notify(const std::string& /*channel*/, const std::string& /*run_id*/) override {}
  };

  const controller::Options options_;
  const manifest::JobTemplate job_template_;
  store::RunStore& store_;
  std::shared_ptr<kube::Credentials> credentials_;
  std::stop_source stop_;  // of calls under way
  base::SystemClock clock_;
  base::Heartbeats heartbeats_{clock_};
  Silence notifier_;
  telemetry::Metrics metrics_;
  controller::Instruments instruments_;
  kube::CurlClient client_;
  std::unique_ptr<kube::AttachClient> attacher_;
  queue::Lanes lanes_{heartbeats_, stop_.get_token()};
  cluster::ClusterView cluster_;
  kube::ListWatch<kube::Job> job_watcher_;
  kube::ListWatch<kube::Pod> pod_watcher_;
  std::jthread watches_jobs_;
  std::jthread watches_pods_;
  std::unique_ptr<controller::LeaderTerm> term_;
  std::jthread leads_;
};

}  // namespace oneshot::simulation
