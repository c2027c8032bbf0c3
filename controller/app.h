#pragma once

#include <memory>
#include <stop_token>
#include <thread>

#include "controller/cluster/cluster_view.h"
#include "controller/kube/attach.h"
#include "controller/kube/curl_client.h"
#include "controller/kube/list_watch.h"
#include "controller/leader_term.h"
#include "controller/options.h"
#include "core/admin/admin_server.h"
#include "core/base/heartbeat.h"
#include "core/store/pg_run_store.h"
#include "core/telemetry/metrics.h"

namespace oneshot::controller {

/// The whole program: what a standby keeps ready (watches, connections), and the terms during which
/// this replica leads.
class App {
 public:
  /// Errors: kInvalidArgument (the Job template, credentials, the admin address).
  static base::Result<std::unique_ptr<App>> Create(Options options, std::stop_token stop);

  /// Returns 0 when `stop` was requested and everything has ended, 1 when the database's schema
  /// cannot be used.
  int Run(std::stop_token stop);

 private:
  App(Options options, manifest::JobTemplate job_template,
      std::shared_ptr<kube::Credentials> credentials, std::stop_token stop);
  /// One term of leadership, until `stop` is requested or the term is over.
  void Lead(std::stop_token stop, store::Notifier& notifier);
  kube::WatchOptions MakeWatchOptions(const char* resource);
  template <typename Watcher>
  std::jthread StartWatching(const char* name, Watcher& watcher, std::stop_token stop);
  /// The view of the cluster is complete and not stale.
  base::Status Readiness() const;

  const Options options_;
  const manifest::JobTemplate job_template_;
  std::shared_ptr<kube::Credentials> credentials_;
  base::SystemClock clock_;
  base::Heartbeats heartbeats_{clock_};
  telemetry::Metrics metrics_;
  Instruments instruments_;
  store::PgRunStore store_;
  kube::CurlClient client_;
  std::unique_ptr<kube::AttachClient> attacher_;
  queue::Lanes lanes_;
  cluster::ClusterView cluster_;
  kube::ListWatch<kube::Job> job_watcher_;
  kube::ListWatch<kube::Pod> pod_watcher_;
  std::unique_ptr<admin::AdminServer> admin_;
};

}  // namespace oneshot::controller
