#include "core/store/pg_connections.h"

#include "core/store/pg_session.h"

namespace oneshot::store {

using base::Error;
using base::ErrorCode;

PgConnections::PgConnections(std::string database_url, int size, std::vector<Statement> statements)
    : database_url_(std::move(database_url)), size_(size), statements_(std::move(statements)) {}

PgConnections::~PgConnections() = default;

PgConnections::Lease::Lease(PgConnections& pool, std::unique_ptr<PgSession> connection)
    : pool_(&pool), connection_(std::move(connection)) {}

PgConnections::Lease::Lease(Lease&& other) noexcept
    : pool_(std::exchange(other.pool_, nullptr)), connection_(std::move(other.connection_)) {}

PgConnections::Lease::~Lease() {
  if (pool_ != nullptr) pool_->Return(std::move(connection_));
}

void PgConnections::Lease::Discard() { connection_.reset(); }

base::Result<PgConnections::Lease> PgConnections::Acquire() {
  {
    auto state = state_.Acquire();
    const bool free = free_.wait_for(state.Native(), std::chrono::seconds(5),
                                     [&] { return !state->idle.empty() || state->open < size_; });
    if (!free)
      return Error{ErrorCode::kUnavailable, "no database connection became free in 5 s", 1};
    if (!state->idle.empty()) {
      Lease lease(*this, std::move(state->idle.back()));
      state->idle.pop_back();
      return lease;
    }
    ++state->open;
  }
  auto connection = Open();
  if (!connection) {
    Return(nullptr);
    return connection.error();
  }
  return Lease(*this, std::move(*connection));
}

void PgConnections::Return(std::unique_ptr<PgSession> connection) {
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

base::Result<std::unique_ptr<PgSession>> PgConnections::Open() {
  try {
    auto connection = std::make_unique<PgSession>(database_url_);
    for (const Statement& statement : statements_) {
      connection->connection.prepare(statement.name, statement.sql);
    }
    return connection;
  } catch (const std::exception& error) {
    return Error{ErrorCode::kUnavailable, error.what(), 1};
  }
}

}  // namespace oneshot::store
