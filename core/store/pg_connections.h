#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/base/guarded.h"
#include "core/base/result.h"

namespace oneshot::store {

/// A pqxx::connection, by a name that can be declared ahead: in 6.4 that is a template's instance,
/// in 7 a class.
struct PgSession;

/// Connections to PostgreSQL, each in use by one thread at a time. A broken one is thrown away,
/// never mended: libpqxx 6.4 would reconnect by itself and lose the session's state silently.
/// Prepared statements are made with the connection. Threads: any.
class PgConnections {
 public:
  struct Statement {
    const char* name;
    const char* sql;
  };

  /// At most `size` connections exist; they are opened when first needed.
  PgConnections(std::string database_url, int size, std::vector<Statement> statements);
  ~PgConnections();

  class Lease {
   public:
    Lease(PgConnections& pool, std::unique_ptr<PgSession> connection);
    ~Lease();
    Lease(Lease&&) noexcept;
    Lease& operator=(Lease&&) = delete;
    PgSession& operator*() const { return *connection_; }
    /// The connection is not to be used again.
    void Discard();

   private:
    PgConnections* pool_;
    std::unique_ptr<PgSession> connection_;
  };

  /// Waits up to 5 s for a free connection. Errors: kUnavailable.
  base::Result<Lease> Acquire();

 private:
  struct State {
    std::vector<std::unique_ptr<PgSession>> idle;
    int open{0};
  };
  void Return(std::unique_ptr<PgSession> connection);
  base::Result<std::unique_ptr<PgSession>> Open();

  const std::string database_url_;
  const int size_;
  const std::vector<Statement> statements_;
  base::Guarded<State> state_;
  std::condition_variable_any free_;
};

}  // namespace oneshot::store
