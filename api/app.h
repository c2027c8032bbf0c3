#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>

#include "api/database_watch.h"
#include "api/handlers/context.h"
#include "api/http/listener.h"
#include "api/http/worker_pool.h"
#include "api/options.h"
#include "api/queue_gate.h"
#include "api/queue_positions.h"
#include "api/run_watch.h"
#include "core/admin/admin_server.h"
#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/store/notifications.h"
#include "core/store/run_store.h"
#include "core/telemetry/metrics.h"

namespace oneshot::api {

/// Where runs are kept. Tests bring their own.
struct Backend {
  std::unique_ptr<store::RunStore> store;
  std::unique_ptr<store::Notifier> notifier;
  /// Listens to kChangesChannel.
  std::function<std::jthread(store::ListenHandlers)> listen;
  /// Makes the database fit; repeated until it succeeds.
  std::function<base::Status()> prepare;
};

/// PostgreSQL.
Backend OpenBackend(const Options& options);

/// The whole program: its objects, and the order in which they start and stop.
class App {
 public:
  /// Serves when this returns. Errors: kInvalidArgument (the environment's file, an address),
  /// kUnavailable (an address cannot be bound).
  static base::Result<std::unique_ptr<App>> Create(Options options, Backend backend);
  ~App();

  /// Serves until `stop` is requested, then stops in order: not ready, a pause for balancers,
  /// waiting clients answered, streams ended, requests under way finished. Returns 0.
  int Run(std::stop_token stop);

 private:
  App(Options options, Backend backend, std::string environment_json);
  base::Status Listen();
  base::Status Readiness() const;
  base::Status Liveness() const;
  std::string RenderMetrics();

  // In the order in which they start. They stop in the reverse order, except for the workers, which
  // use the others and stop first.
  const Options options_;
  const base::SystemClock clock_;
  telemetry::Metrics metrics_;
  const Backend backend_;
  std::atomic<bool> is_draining_{false};
  http::WorkerPool workers_;
  RunWatch watch_;
  QueueGate queue_gate_;
  QueuePositions queue_positions_;
  // Each costs about five times the length of the files: as values, text and answer.
  std::counting_semaphore<> file_reads_{2};
  DatabaseWatch database_;
  Context context_;
  telemetry::Gauge watchers_;
  telemetry::Gauge queued_;
  const std::jthread changes_;
  std::unique_ptr<http::Listener> listener_;
  std::unique_ptr<admin::AdminServer> admin_server_;
};

}  // namespace oneshot::api
