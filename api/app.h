#pragma once

#include <functional>
#include <memory>
#include <stop_token>

#include "api/options.h"
#include "core/base/result.h"
#include "core/store/notifications.h"
#include "core/store/run_store.h"

namespace oneshot::api {

/// Where runs are kept. Tests bring their own.
struct Backend {
  std::unique_ptr<store::RunStore> store;
  std::unique_ptr<store::Notifier> notifier;
  /// Listens to kChangesChannel.
  std::function<std::unique_ptr<store::Listener>(store::ListenHandlers)> listen;
  /// Makes the database fit; repeated until it succeeds.
  std::function<base::Status()> prepare;
};

/// PostgreSQL.
Backend OpenBackend(const Options& options);

/// The program: its objects, and the order in which they start and stop.
class App {
 public:
  /// Serves when this returns. Errors: kInvalidArgument (the environment's file), kUnavailable (the
  /// address).
  static base::Result<std::unique_ptr<App>> Create(Options options, Backend backend);
  virtual ~App() = default;

  /// Serves until `stop` is requested, then stops in order: not ready, a pause for balancers,
  /// waiting clients answered, streams ended, requests under way finished.
  virtual void Run(std::stop_token stop) = 0;
};

}  // namespace oneshot::api
