#pragma once

#include <cstdint>
#include <string>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/config/shared_sections.h"
#include "core/domain/limits.h"
#include "core/http/listener.h"
#include "core/telemetry/log.h"

namespace oneshot::api {

/// What the configuration file decides, checked. Defaults are those of the file's keys.
struct Options {
  http::ListenerOptions listener;  // api.listen, api.threads, api.max_body_bytes, api.max_streams
  int workers{
      16};  // api.workers: requests served at once; more than database.connections only wait
  std::int64_t max_queued_requests{512};  // api.max_queued_requests: beyond, 503
  std::int64_t max_watchers{2000};        // api.max_watchers: ?wait and event streams at once
  base::Milliseconds drain{
      2000};  // api.drain: not ready, but still serving, so that balancers notice
  base::Milliseconds stop_grace{10'000};  // api.stop_grace: for requests under way
  config::DatabaseOptions database;
  domain::LimitPolicy limits;
  std::int64_t max_queued{10'000};  // queue.max_queued
  std::string environment_file;     // environment.file: what the run image says of itself, JSON
  std::string run_image;            // environment.image, or ONESHOT_RUN_IMAGE
  std::string job_namespace{"oneshot-runs"};  // kubernetes.namespace
  telemetry::Level log_level{telemetry::Level::kInfo};
};

/// Reads `--config FILE` and the file. Errors: kInvalidArgument with every fault, or with the
/// usage.
base::Result<Options> LoadOptions(int argc, const char* const* argv);

/// Errors: kInvalidArgument with every fault.
base::Result<Options> ReadOptions(config::Document document);

}  // namespace oneshot::api
