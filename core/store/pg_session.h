#pragma once

#include <pqxx/pqxx>
#include <string>

/// For this folder's .cpp files only.
namespace oneshot::store {

struct PgSession {
  explicit PgSession(const std::string& database_url) : connection(database_url) {}
  pqxx::connection connection;
};

}  // namespace oneshot::store
