#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "api/http/listener.h"
#include "api/queue_gate.h"
#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/config/shared_sections.h"
#include "core/store/share.h"

namespace oneshot::api {

struct ShareOptions {
  /// shares.per_submitter, and shares.bytes or half of retention.bytes, if that is less: runs that
  /// are shared must not leave others without room.
  store::ShareBounds bounds{};
  /// shares.lifetime
  base::Milliseconds lifetime{std::chrono::hours(24 * 30)};
};

/// What the configuration file decides, checked. Defaults are those of the file's keys.
struct Options : config::SharedOptions {
  /// api.listen, api.threads, api.max_body_bytes, api.max_streams, api.max_held_bytes
  http::ListenerOptions listener;
  /// api.admin_listen: where probes and metrics are served besides, for a scraper that cannot reach
  /// the loopback; may be any address, see AdminServer. Empty: nowhere.
  std::string admin_address;
  /// api.workers: requests served at once; more than database.connections only wait.
  int workers{16};
  /// api.max_queued_requests: beyond these, 503.
  std::size_t max_queued_requests{512};
  /// api.max_watchers: ?wait and event streams at once.
  std::size_t max_watchers{2000};
  /// api.drain: not ready, but still serving, so that balancers notice.
  base::Milliseconds drain{2000};
  /// api.stop_grace: for requests under way.
  base::Milliseconds stop_grace{10'000};
  QueueBounds queue;
  ShareOptions shares;
  /// environment.file: what the run image says of itself, JSON.
  std::string environment_file;
  /// environment.image, or ONESHOT_RUN_IMAGE.
  std::string run_image;
};

/// Errors: kInvalidArgument with every fault.
base::Result<Options> ReadOptions(config::Document& document);

}  // namespace oneshot::api
