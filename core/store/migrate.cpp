#include "core/store/migrate.h"

#include <pqxx/pqxx>

#include "core/base/sha256.h"
#include "core/store/pg_connection.h"

namespace oneshot::store {
namespace {

constexpr const char* kHistoryTable = R"sql(
CREATE TABLE IF NOT EXISTS schema_migrations (
  name       text PRIMARY KEY,
  checksum   text NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT now()
)
)sql";

// Any number will do, as long as nothing else in this database uses it: "oneshot" in ASCII.
constexpr const char* kLock = "SELECT pg_advisory_xact_lock(31365937236801396)";

constexpr std::chrono::seconds kConnectTimeout{10};
// Long, because a migration may rewrite a large table, and others wait for it.
constexpr std::chrono::minutes kMigrationTimeout{30};

std::string Checksum(const std::string& sql) {
  base::Sha256 hash;
  hash.Update(sql);
  return hash.HexDigest();
}

base::Status Apply(pqxx::work& work, const std::vector<SqlFile>& migrations) {
  work.exec("SET LOCAL client_min_messages = warning");
  work.exec(kLock);
  work.exec(kHistoryTable);
  for (const SqlFile& migration : migrations) {
    const std::string checksum = Checksum(migration.sql);
    const pqxx::result known =
        work.exec_params("SELECT checksum FROM schema_migrations WHERE name = $1", migration.name);
    if (known.empty()) {
      work.exec(migration.sql);
      work.exec_params("INSERT INTO schema_migrations (name, checksum) VALUES ($1, $2)",
                       migration.name, checksum);
    } else if (known[0][0].as<std::string>() != checksum) {
      return base::Error{base::ErrorCode::kInternal,
                         "migration " + migration.name + " was changed after it was applied"};
    }
  }
  work.commit();
  return {};
}

}  // namespace

base::Status Migrate(const std::string& database_url, const std::vector<SqlFile>& migrations) {
  try {
    PgWatchdog watchdog(kMigrationTimeout);
    PgConnection connection(WithConnectDeadlines(database_url, kConnectTimeout));
    const auto guard = watchdog.Watch(connection);
    pqxx::work work(connection.Native());
    return Apply(work, migrations);
  } catch (const pqxx::broken_connection& error) {
    return base::Error{base::ErrorCode::kUnavailable, error.what()};
  } catch (const std::exception& error) {
    return base::Error{base::ErrorCode::kInternal, error.what()};
  }
}

}  // namespace oneshot::store
