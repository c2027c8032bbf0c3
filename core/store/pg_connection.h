#pragma once

#include <cstdint>
#include <map>
#include <pqxx/pqxx>
#include <string>
#include <thread>
#include <utility>

#include "core/base/clock.h"
#include "core/base/guarded.h"

/// One connection and its deadlines. This header shows libpqxx: it is for this folder's .cpp files
/// only.
namespace oneshot::store {

/// `database_url` (a URL, or words of the form key=value) with deadlines for connecting and for a
/// peer that is gone. What it says itself about these wins.
std::string WithConnectDeadlines(const std::string& database_url, base::Milliseconds call_timeout);

/// The same, with deadlines that PostgreSQL keeps: for a statement, and for a lock. Both are
/// shorter than `call_timeout`, so that it is the server that gives up where it can: then it is
/// certain that nothing has happened. `options` of the URL replaces these two.
std::string WithCallDeadlines(const std::string& database_url, base::Milliseconds call_timeout);

/// A connection that can be ended by another thread, whatever libpq is doing with it.
class PgConnection {
 public:
  /// Throws what libpqxx throws.
  explicit PgConnection(const std::string& database_url);
  ~PgConnection();
  PgConnection(const PgConnection&) = delete;
  PgConnection& operator=(const PgConnection&) = delete;

  pqxx::connection& Native() { return connection_; }
  /// A descriptor of our own for libpq's socket: libpq closes its own in the middle of a call, and
  /// the number may then be another's.
  int Socket() const { return socket_; }

 private:
  pqxx::connection connection_;
  const int socket_;
};

/// Ends calls that are not answered in time: a server that is stopped, or whose network is gone,
/// leaves libpq waiting for as long as TCP does, which may be for ever. Threads: any.
class PgWatchdog {
 public:
  /// Deadlines are kept to a quarter of `call_timeout`.
  explicit PgWatchdog(base::Milliseconds call_timeout);

  /// While it exists, its connection must.
  class [[nodiscard]] Guard {
   public:
    Guard(PgWatchdog& watchdog, std::uint64_t id) : watchdog_(watchdog), id_(id) {}
    ~Guard() { watchdog_.Forget(id_); }
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;

   private:
    PgWatchdog& watchdog_;
    const std::uint64_t id_;
  };

  /// The connection's socket is shut down when the guard still exists `call_timeout` from now;
  /// libpq then finds its connection broken.
  Guard Watch(const PgConnection& connection);

 private:
  struct Call {
    int socket{-1};
    base::MonotonicTime deadline{};
  };
  struct State {
    std::map<std::uint64_t, Call> calls;
    std::uint64_t last_id{0};
  };

  void Forget(std::uint64_t id);
  void EndLateCalls();

  const base::Milliseconds call_timeout_;
  base::Guarded<State> state_;
  std::jthread thread_;  // last: it uses the others
};

}  // namespace oneshot::store
