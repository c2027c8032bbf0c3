#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>

#include "controller/cluster/cluster_view.h"
#include "controller/kube/attach.h"
#include "controller/kube/client.h"
#include "controller/manifest/job_template.h"
#include "controller/queue/work_queue.h"
#include "controller/term/instruments.h"
#include "core/base/clock.h"
#include "core/base/random.h"
#include "core/store/notifications.h"
#include "core/store/run_store.h"

namespace oneshot::controller {

/// What a leader works with; it outlives the leader's terms.
struct Services {
  store::RunStore& store;
  store::Notifier& notifier;
  kube::Client& client;
  kube::AttachClient& attacher;
  /// Synced.
  cluster::ClusterView& cluster;
  const manifest::JobTemplate& job_template;
  Instruments& instruments;
  const base::Clock& clock;
  base::Random& random;
};

/// What the parts of one term of leadership share. Threads: any.
struct Term : Services {
  std::int64_t epoch{0};
  /// There may be something to claim: a run has ended, or a Job waits. Never blocks.
  std::function<void()> on_place;
  queue::WorkQueue queue{clock};
  /// Stopped when the epoch is over.
  std::stop_source end{};
};

}  // namespace oneshot::controller
