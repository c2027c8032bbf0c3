#include "api/options.h"

#include <cstdlib>

namespace oneshot::api {
namespace {

using std::chrono::milliseconds;

constexpr std::int64_t kMebibyte = 1'048'576;

}  // namespace

base::Result<Options> ReadOptions(config::Document& document) {
  Options options;
  http::ListenerOptions& listener = options.listener;
  listener.address = document.String("api.listen", listener.address);
  options.admin_address = document.String("api.admin_listen", "");
  listener.server_threads =
      static_cast<int>(document.Integer("api.threads", listener.server_threads, 2, 64));
  listener.max_body_bytes = static_cast<std::size_t>(
      document.Bytes("api.max_body_bytes", static_cast<std::int64_t>(listener.max_body_bytes), 4096,
                     64 * kMebibyte));
  listener.max_streams = static_cast<std::size_t>(document.Integer(
      "api.max_streams", static_cast<std::int64_t>(listener.max_streams), 1, 100'000));
  options.workers = static_cast<int>(document.Integer("api.workers", options.workers, 1, 256));
  options.max_queued_requests =
      document.Integer("api.max_queued_requests", options.max_queued_requests, 1, 100'000);
  options.max_watchers = document.Integer("api.max_watchers", options.max_watchers, 1, 100'000);
  options.drain =
      document.Duration("api.drain", options.drain, milliseconds(0), milliseconds(60'000));
  options.stop_grace = document.Duration("api.stop_grace", options.stop_grace, milliseconds(0),
                                         milliseconds(120'000));
  options.database = config::ReadDatabase(document);
  options.limits = config::ReadLimits(document);
  options.max_queued = config::ReadMaxQueued(document);
  options.environment_file = document.String("environment.file", "");
  options.run_image = document.String("environment.image", "");
  if (const char* image = std::getenv("ONESHOT_RUN_IMAGE"); image && *image)
    options.run_image = image;
  options.job_namespace = document.String("kubernetes.namespace", options.job_namespace);
  options.log_level = config::ReadLogLevel(document);
  document.LeaveTo({"controller", "kubernetes", "pool", "retention"});
  if (const base::Status status = document.Finish(); !status) return status.error();
  return options;
}

}  // namespace oneshot::api
