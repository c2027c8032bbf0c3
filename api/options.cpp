#include "api/options.h"

#include <algorithm>

namespace oneshot::api {

base::Result<Options> ReadOptions(config::Document& document) {
  using std::chrono::minutes;
  using std::chrono::seconds;
  Options options;
  config::ReadShared(document, options);
  http::ListenerOptions& listener = options.listener;
  document.String("api.listen", listener.address);
  config::TakeFromEnvironment("ONESHOT_LISTEN", listener.address);
  document.String("api.admin_listen", options.admin_address);
  document.Integer("api.threads", listener.server_threads, 2, 64);
  document.Bytes("api.max_body_bytes", listener.max_body_bytes, 4096, 67'108'864);
  document.Integer("api.max_streams", listener.max_streams, 1, 100'000);
  document.Bytes("api.max_held_bytes", listener.max_held_bytes, 1'048'576, 4'294'967'296);
  document.Integer("api.workers", options.workers, 1, 256);
  document.Integer("api.max_queued_requests", options.max_queued_requests, 1, 100'000);
  document.Integer("api.max_watchers", options.max_watchers, 1, 100'000);
  document.Duration("api.drain", options.drain, seconds(0), minutes(1));
  document.Duration("api.stop_grace", options.stop_grace, seconds(0), minutes(2));
  document.Integer("queue.max_queued", options.queue.runs, 1, 10'000'000);
  document.Integer("queue.max_queued_per_submitter", options.queue.runs_per_submitter, 1,
                   10'000'000);
  document.Bytes("queue.max_queued_bytes", options.queue.bytes, 1'048'576, 1'099'511'627'776);
  options.queue.stored_bytes = options.retention_bytes;
  document.Integer("shares.per_submitter", options.shares.bounds.per_submitter, 1, 100'000);
  document.Bytes("shares.bytes", options.shares.bounds.bytes, 1'048'576, 1'099'511'627'776);
  options.shares.bounds.bytes = std::min(options.shares.bounds.bytes, options.retention_bytes / 2);
  document.Duration("shares.lifetime", options.shares.lifetime, minutes(1),
                    std::chrono::hours(24 * 3650));
  document.String("environment.file", options.environment_file);
  document.String("environment.image", options.run_image);
  config::TakeFromEnvironment("ONESHOT_RUN_IMAGE", options.run_image);
  document.LeaveTo({"controller", "kubernetes", "pool", "retention"});
  if (const base::Status status = document.Finish(); !status) return status.error();
  return options;
}

}  // namespace oneshot::api
