#pragma once

#include <string>

#include "core/base/clock.h"
#include "core/config/document.h"
#include "core/domain/limits.h"
#include "core/telemetry/log.h"

namespace oneshot::config {

struct DatabaseOptions {
  std::string url;
  /// Commits that wait for the disk together share one wait, so that more connections accept more
  /// runs.
  int connections{16};
  /// After which a call ends, whatever became of PostgreSQL.
  base::Milliseconds call_timeout{10'000};
};

/// What both programs read, so that each key has one meaning, one default and one range.
struct SharedOptions {
  DatabaseOptions database;
  domain::LimitPolicy limits;
  telemetry::Level log_level{telemetry::Level::kInfo};
  /// What finished runs may occupy in the database.
  std::int64_t retention_bytes{2'147'483'648};
  /// The namespace of runs' Jobs.
  std::string job_namespace{"oneshot-runs"};
};

/// `database`, `limits`, `log` and `kubernetes.namespace`. ONESHOT_DATABASE_URL in the environment
/// wins over `database.url`, because it is a secret. Faults are noted in the document.
void ReadShared(Document& document, SharedOptions& options);

/// An environment variable that is set and not empty wins over `value`.
void TakeFromEnvironment(const char* name, std::string& value);

}  // namespace oneshot::config
