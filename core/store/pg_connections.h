#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <pqxx/pqxx>
#include <string>
#include <type_traits>
#include <vector>

#include "core/base/guarded.h"
#include "core/base/result.h"
#include "core/store/pg_connection.h"

/// This header, pg_connection.h and pg_rows.h show libpqxx. They are for this folder's .cpp files
/// only.
namespace oneshot::store {

/// Each statement commits by itself.
using Session = pqxx::nontransaction;

/// What a call leaves behind when its connection breaks: nothing, or an unknown outcome.
enum class Effect { kReads, kWrites };

/// Connections to PostgreSQL, each in use by one thread at a time. One that gave an error which a
/// healthy connection to a healthy server does not give is thrown away. Threads: any.
class PgConnections {
 public:
  /// At most `size` connections exist; each is opened when it is first needed.
  PgConnections(const std::string& database_url, int size, base::Milliseconds call_timeout)
      : database_url_(WithCallDeadlines(database_url, call_timeout)),
        size_(size),
        call_timeout_(call_timeout),
        watchdog_(call_timeout) {}

  /// Calls `body(Session&)`, which knows each file of core/store/statements as a prepared
  /// statement. `body` returns a T or a base::Result<T>; With returns a base::Result<T>. Waiting
  /// for a free connection and opening one take at most half of `call_timeout` each; then the call
  /// has all of it, so that PostgreSQL can give it up first. Errors: those of `body`; libpqxx's
  /// exceptions as kUnavailable, kUnknownOutcome, kAlreadyExists or kInternal.
  template <typename Body>
  auto With(Effect effect, const Body& body) {
    using Result = typename ResultOf<std::invoke_result_t<Body, Session&>>::Type;
    auto connection = Acquire();
    if (!connection) return Result(connection.error());
    Failure failure;
    Result result = [&]() -> Result {
      try {
        const auto guard = watchdog_.Watch(**connection);
        Session session((*connection)->Native());
        return body(session);
      } catch (...) {
        failure = CurrentFailure(effect);
        return failure.error;
      }
    }();
    Return(*std::move(connection), failure.fate);
    return result;
  }

 private:
  using Connection = std::unique_ptr<PgConnection>;

  /// What becomes of a connection after its call.
  enum class Fate {
    kKept,
    kThrownAway,
    /// The server is not what it was: the other idle ones go too.
    kAllThrownAway,
  };
  struct Failure {
    base::Error error;
    Fate fate{Fate::kKept};
  };

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
  /// `connection` may be null.
  void Return(Connection connection, Fate fate);
  /// The exception that is being handled.
  static Failure CurrentFailure(Effect effect);
  static Failure SqlFailure(const std::string& state, const std::string& message, Effect effect);

  const std::string database_url_;
  const int size_;
  const base::Milliseconds call_timeout_;
  base::Guarded<State> state_;
  std::condition_variable_any free_;
  PgWatchdog watchdog_;
};

}  // namespace oneshot::store
