#pragma once

#include <cstdint>
#include <string>

#include "core/config/document.h"
#include "core/domain/limits.h"
#include "core/telemetry/log.h"

namespace oneshot::config {

/// The sections of config.yaml that the api and the controller both read, so that each key has one
/// meaning, one default and one range. Faults are noted in the document.

/// `database:` ONESHOT_DATABASE_URL in the environment wins over `database.url`, because it is a
/// secret.
struct DatabaseOptions {
  std::string url;
  /// Commits that wait for the disk together share one wait, so that more connections accept more
  /// runs.
  int connections{16};
};
DatabaseOptions ReadDatabase(Document& document);

/// `limits:` in units for people: wall_seconds, cpu_seconds, memory_mib, output_bytes, scratch_mib
/// under `defaults` and `maxima`; source_bytes, stdin_bytes, args, args_bytes, processes,
/// display_bytes beside them.
domain::LimitPolicy ReadLimits(Document& document);

/// `queue.max_queued`: how many runs may wait before submissions are refused.
std::int64_t ReadMaxQueued(Document& document);

/// `log.level`.
telemetry::Level ReadLogLevel(Document& document);

}  // namespace oneshot::config
