#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>

#include "controller/cluster/cluster_view.h"
#include "controller/delivery/start_pace.h"
#include "controller/kube/attach.h"
#include "controller/kube/client.h"
#include "controller/manifest/job_template.h"
#include "controller/queue/lanes.h"
#include "controller/queue/work_queue.h"
#include "controller/term/instruments.h"
#include "core/base/clock.h"
#include "core/base/heartbeat.h"
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
  /// For calls that may block, one lane for each node.
  queue::Background& background;
  /// Synced.
  cluster::ClusterView& cluster;
  /// Lists the cluster anew and returns once `cluster` is newer than the call. Errors: kUnavailable
  /// (no list came in time, or `stop` was requested).
  std::function<base::Status(std::stop_token stop)> list_anew;
  const manifest::JobTemplate& job_template;
  Instruments& instruments;
  const base::Clock& clock;
  base::Random& random;
  base::Heartbeats& heartbeats;
};

/// How long a thread of a term may be silent: several calls to the API server of 30 s each, and as
/// many to PostgreSQL, may follow each other before it comes back to its loop.
inline constexpr base::Milliseconds kTermHeartbeat{180'000};

/// What the parts of one term of leadership share. Threads: any.
struct Term : Services {
  std::int64_t epoch{0};
  /// There may be something to claim: a run has ended, or a Job waits. Never blocks.
  std::function<void()> on_place;
  /// Shared with the events of channels, which may come while the term ends.
  std::shared_ptr<queue::WorkQueue> queue{std::make_shared<queue::WorkQueue>(clock)};
  /// Of all Jobs, whether they have a run or wait for one.
  delivery::StartPace pace{};
  /// Stopped when the epoch is over.
  std::stop_source end{};
};

}  // namespace oneshot::controller
