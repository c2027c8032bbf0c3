#include "core/store/pg_connections.h"

#include "core/store/sql_files.h"

namespace oneshot::store {

using base::Error;
using base::ErrorCode;

base::Result<PgConnections::Connection> PgConnections::Acquire() {
  {
    auto state = state_.Acquire();
    const bool free = free_.wait_for(state.Native(), call_timeout_ / 2,
                                     [&] { return !state->idle.empty() || state->open < size_; });
    if (!free) return Error{ErrorCode::kUnavailable, "no database connection became free", 1};
    if (!state->idle.empty()) {
      Connection connection = std::move(state->idle.back());
      state->idle.pop_back();
      return connection;
    }
    ++state->open;
  }
  auto connection = Open();
  if (!connection) Return(nullptr, Fate::kThrownAway);
  return connection;
}

base::Result<PgConnections::Connection> PgConnections::Open() const {
  try {
    auto connection = std::make_unique<PgConnection>(database_url_);
    // libpqxx sends each to PostgreSQL when it is first used.
    for (const SqlFile& file : Statements()) connection->Native().prepare(file.name, file.sql);
    return connection;
  } catch (const std::exception& error) {
    return Error{ErrorCode::kUnavailable, error.what(), 1};
  }
}

void PgConnections::Return(Connection connection, Fate fate) {
  // Closed without the lock.
  std::vector<Connection> thrown_away;
  {
    auto state = state_.Acquire();
    if (fate == Fate::kAllThrownAway) {
      thrown_away.swap(state->idle);
      state->open -= static_cast<int>(thrown_away.size());
    }
    if (fate == Fate::kKept) {
      state->idle.push_back(std::move(connection));
    } else {
      --state->open;
    }
  }
  free_.notify_all();
}

PgConnections::Failure PgConnections::SqlFailure(const std::string& state,
                                                 const std::string& message, Effect effect) {
  const auto is = [&](const char* prefix) { return state.starts_with(prefix); };
  const auto unavailable = [&](Fate fate) -> Failure {
    return {{ErrorCode::kUnavailable, message, 1}, fate};
  };
  if (is("23505")) return {{ErrorCode::kAlreadyExists, message}, Fate::kKept};
  // A serialization failure or a deadlock.
  if (is("40001") || is("40P01")) return unavailable(Fate::kKept);
  // The server gave this statement up: its own deadline, or that for a lock.
  if (is("57014") || is("55P03")) return unavailable(Fate::kThrownAway);
  // Refused, and so without effect: a server that is a standby now, or has no room.
  if (is("25") || is("53")) return unavailable(Fate::kAllThrownAway);
  // The session is ended (08, 57) or nobody knows how the commit went (40003). A server that stops
  // may have committed already when it says so.
  if (is("08") || is("57") || is("40003")) {
    const bool is_unknown = effect == Effect::kWrites;
    return {{is_unknown ? ErrorCode::kUnknownOutcome : ErrorCode::kUnavailable, message, 1},
            Fate::kAllThrownAway};
  }
  return {{ErrorCode::kInternal, message}, Fate::kThrownAway};
}

PgConnections::Failure PgConnections::CurrentFailure(Effect effect) {
  try {
    throw;
  } catch (const pqxx::broken_connection& error) {
    return SqlFailure("08000", error.what(), effect);
  } catch (const pqxx::serialization_failure& error) {
    return SqlFailure("40001", error.what(), effect);
  } catch (const pqxx::statement_completion_unknown& error) {
    return SqlFailure("40003", error.what(), effect);
  } catch (const pqxx::deadlock_detected& error) {
    return SqlFailure("40P01", error.what(), effect);
  } catch (const pqxx::sql_error& error) {
    return SqlFailure(error.sqlstate(), error.what(), effect);
  } catch (const std::exception& error) {
    return {{ErrorCode::kInternal, error.what()}, Fate::kThrownAway};
  }
}

}  // namespace oneshot::store
