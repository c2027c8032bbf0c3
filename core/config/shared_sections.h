#pragma once

#include <string>

#include "core/config/document.h"
#include "core/domain/limits.h"
#include "core/telemetry/log.h"

namespace oneshot::config {

struct DatabaseOptions {
  std::string url;
  /// Commits that wait for the disk together share one wait, so that more connections accept more
  /// runs.
  int connections{16};
};

/// What both programs read, so that each key has one meaning, one default and one range.
struct SharedOptions {
  DatabaseOptions database;
  domain::LimitPolicy limits;
  telemetry::Level log_level{telemetry::Level::kInfo};
  /// The namespace of runs' Jobs.
  std::string job_namespace{"oneshot-runs"};
};

/// `database`, `limits`, `log` and `kubernetes.namespace`. ONESHOT_DATABASE_URL in the environment
/// wins over `database.url`, because it is a secret. Faults are noted in the document.
void ReadShared(Document& document, SharedOptions& options);

/// The value of an environment variable; `fallback` when it is not set or empty.
std::string FromEnvironment(const char* name, const std::string& fallback);

}  // namespace oneshot::config
