#pragma once

#include <memory>
#include <pqxx/pqxx>
#include <string>
#include <type_traits>
#include <vector>

#include "core/base/guarded.h"
#include "core/base/result.h"

/// This header and pg_rows.h show libpqxx. They are for this folder's .cpp files only.
namespace oneshot::store {

/// Each statement commits by itself.
using Session = pqxx::nontransaction;

/// What a call leaves behind when its connection breaks: nothing, or an unknown outcome.
enum class Effect { kReads, kWrites };

/// Connections to PostgreSQL, each in use by one thread at a time. A broken connection is thrown
/// away, because libpqxx 6.4 would reconnect by itself and lose the session's state silently.
/// Threads: any.
class PgConnections {
 public:
  /// At most `size` connections exist; each is opened when it is first needed.
  PgConnections(std::string database_url, int size)
      : database_url_(std::move(database_url)), size_(size) {}

  /// Calls `body(Session&)`, which knows each file of core/store/statements as a prepared
  /// statement. `body` returns a T or a base::Result<T>; With returns a base::Result<T>. Waits up
  /// to 5 s for a free connection. Errors: those of `body`; libpqxx's exceptions as kUnavailable,
  /// kUnknownOutcome, kAlreadyExists or kInternal.
  template <typename Body>
  auto With(Effect effect, const Body& body) {
    using Result = typename ResultOf<std::invoke_result_t<Body, Session&>>::Type;
    auto connection = Acquire();
    if (!connection) return Result(connection.error());
    Result result = [&]() -> Result {
      try {
        Session session(**connection);
        return body(session);
      } catch (...) {
        return CurrentError(effect, *connection);
      }
    }();
    Return(*std::move(connection));
    return result;
  }

 private:
  using Connection = std::unique_ptr<pqxx::connection>;

  template <typename T>
  struct ResultOf {
    using Type = base::Result<T>;
  };
  template <typename T>
  struct ResultOf<base::Result<T>> {
    using Type = base::Result<T>;
  };

  struct State {
    std::vector<Connection> idle;
    int open{0};
  };

  base::Result<Connection> Acquire();
  base::Result<Connection> Open() const;
  /// Null: the connection was thrown away.
  void Return(Connection connection);
  /// The exception that is being handled; throws `connection` away when it may be broken.
  static base::Error CurrentError(Effect effect, Connection& connection);

  const std::string database_url_;
  const int size_;
  base::Guarded<State> state_;
  std::condition_variable_any free_;
};

}  // namespace oneshot::store
