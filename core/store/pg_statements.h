#pragma once

#include <vector>

#include "core/store/pg_connections.h"

namespace oneshot::store {

/// The statements of pg_run_records.cpp and of pg_run_queue.cpp, prepared on every connection.
std::vector<PgConnections::Statement> RecordStatements();
std::vector<PgConnections::Statement> QueueStatements();

}  // namespace oneshot::store
