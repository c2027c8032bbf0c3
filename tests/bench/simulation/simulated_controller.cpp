#include "tests/bench/simulation/simulated_controller.h"

#include <utility>

#include "controller/manifest/names.h"
#include "tests/support/loopback_tls.h"

namespace oneshot::simulation {

SimulatedController::SimulatedController(controller::Options options,
                                         manifest::JobTemplate job_template, store::RunStore& store,
                                         std::uint16_t cluster_port)
    : options_(std::move(options)),
      job_template_(std::move(job_template)),
      store_(store),
      credentials_(test::CredentialsFor(cluster_port)),
      instruments_{metrics_},
      client_(credentials_,
              {.run_namespace = options_.jobs.run_namespace,
               .system_namespace = options_.system_namespace,
               .instance = options_.identity,
               .requests_per_second = options_.requests_per_second,
               .burst = options_.request_burst},
              stop_.get_token()),
      attacher_(kube::MakeAttachClient(credentials_, {.run_namespace = options_.jobs.run_namespace,
                                                      .container = manifest::kContainer})),
      job_watcher_(credentials_, MakeWatchOptions(), cluster_.JobHandlers()),
      pod_watcher_(credentials_, MakeWatchOptions(), cluster_.PodHandlers()) {}

kube::WatchOptions SimulatedController::MakeWatchOptions() const {
  return {.run_namespace = options_.jobs.run_namespace,
          .label_selector = manifest::InstanceSelector(options_.jobs.instance)};
}

base::Status SimulatedController::Start() {
  cluster_.SetRelist([this] {
    job_watcher_.Relist();
    pod_watcher_.Relist();
  });
  const auto watch = [this](const char* name, auto& watcher) {
    return base::StartThread(name, [this, name, &watcher](std::stop_token stop) {
      base::Heartbeat heartbeat(heartbeats_, name, std::chrono::minutes(2));
      watcher.Run(stop, heartbeat);
    });
  };
  watches_jobs_ = watch("watch-jobs", job_watcher_);
  watches_pods_ = watch("watch-pods", pod_watcher_);
  if (!cluster_.WaitUntilSynced(stop_.get_token()))
    return base::Error{base::ErrorCode::kCancelled, "stopped"};
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
                                             .job_template = job_template_,
                                             .instruments = instruments_,
                                             .clock = clock_,
                                             .random = base::SystemRandom(),
                                             .heartbeats = heartbeats_},
                                            stop_.get_token());
  if (!term) return term.error();
  term_ = *std::move(term);
  leads_ = base::StartThread("term", [this](std::stop_token stop) { term_->Run(stop); });
  return {};
}

SimulatedController::~SimulatedController() { stop_.request_stop(); }

}  // namespace oneshot::simulation
