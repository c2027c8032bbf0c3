#include "api/options.h"

namespace oneshot::api {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::int64_t kMebibyte = 1'048'576;

}  // namespace

base::Result<Options> ReadOptions(config::Document& document) {
  Options options;
  config::ReadShared(document, options);
  http::ListenerOptions& listener = options.listener;
  listener.address = document.String("api.listen", listener.address);
  options.admin_address = document.String("api.admin_listen", options.admin_address);
  listener.server_threads = document.Integer("api.threads", listener.server_threads, 2, 64);
  listener.max_body_bytes =
      document.Bytes("api.max_body_bytes", listener.max_body_bytes, 4096, 64 * kMebibyte);
  listener.max_streams = document.Integer("api.max_streams", listener.max_streams, 1, 100'000);
  options.workers = document.Integer("api.workers", options.workers, 1, 256);
  options.max_queued_requests =
      document.Integer("api.max_queued_requests", options.max_queued_requests, 1, 100'000);
  options.max_watchers = document.Integer("api.max_watchers", options.max_watchers, 1, 100'000);
  options.drain = document.Duration("api.drain", options.drain, seconds(0), minutes(1));
  options.stop_grace =
      document.Duration("api.stop_grace", options.stop_grace, seconds(0), minutes(2));
  options.max_queued = document.Integer("queue.max_queued", options.max_queued, 1, 10'000'000);
  options.environment_file = document.String("environment.file", options.environment_file);
  options.run_image = config::FromEnvironment(
      "ONESHOT_RUN_IMAGE", document.String("environment.image", options.run_image));
  document.LeaveTo({"controller", "kubernetes", "pool", "retention"});
  if (const base::Status status = document.Finish(); !status) return status.error();
  return options;
}

}  // namespace oneshot::api
