#include "core/store/pg_connections.h"

#include "core/store/sql_files.h"

namespace oneshot::store {

using base::Error;
using base::ErrorCode;

base::Result<PgConnections::Connection> PgConnections::Acquire() {
  {
    auto state = state_.Acquire();
    const bool free = free_.wait_for(state.Native(), std::chrono::seconds(5),
                                     [&] { return !state->idle.empty() || state->open < size_; });
    if (!free)
      return Error{ErrorCode::kUnavailable, "no database connection became free in 5 s", 1};
    if (!state->idle.empty()) {
      Connection connection = std::move(state->idle.back());
      state->idle.pop_back();
      return connection;
    }
    ++state->open;
  }
  auto connection = Open();
  if (!connection) Return(nullptr);
  return connection;
}

base::Result<PgConnections::Connection> PgConnections::Open() const {
  try {
    auto connection = std::make_unique<pqxx::connection>(database_url_);
    // libpqxx sends each to PostgreSQL when it is first used.
    for (const SqlFile& file : Statements()) connection->prepare(file.name, file.sql);
    return connection;
  } catch (const std::exception& error) {
    return Error{ErrorCode::kUnavailable, error.what(), 1};
  }
}

void PgConnections::Return(Connection connection) {
  {
    auto state = state_.Acquire();
    if (connection) {
      state->idle.push_back(std::move(connection));
    } else {
      --state->open;
    }
  }
  free_.notify_one();
}

base::Error PgConnections::CurrentError(Effect effect, Connection& connection) {
  try {
    throw;
  } catch (const pqxx::broken_connection& error) {
    connection.reset();
    const bool is_unknown = effect == Effect::kWrites;
    return {is_unknown ? ErrorCode::kUnknownOutcome : ErrorCode::kUnavailable, error.what(), 1};
  } catch (const pqxx::serialization_failure& error) {
    return {ErrorCode::kUnavailable, error.what()};
  } catch (const pqxx::deadlock_detected& error) {
    return {ErrorCode::kUnavailable, error.what()};
  } catch (const pqxx::unique_violation& error) {
    return {ErrorCode::kAlreadyExists, error.what()};
  } catch (const pqxx::sql_error& error) {
    // Class 53 is "insufficient resources", class 57 "operator intervention" (shutdown, statement
    // timeout). Both pass; after a 57 the connection may be about to end.
    const bool is_intervention = error.sqlstate().starts_with("57");
    if (is_intervention) connection.reset();
    const bool passes = is_intervention || error.sqlstate().starts_with("53");
    return {passes ? ErrorCode::kUnavailable : ErrorCode::kInternal, error.what()};
  } catch (const std::exception& error) {
    connection.reset();
    return {ErrorCode::kInternal, error.what()};
  }
}

}  // namespace oneshot::store
