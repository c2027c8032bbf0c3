#include "core/store/pg_connection.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "core/base/thread.h"

namespace oneshot::store {
namespace {

using Parameters = std::vector<std::pair<std::string, std::string>>;

bool IsUrl(const std::string& database_url) {
  return database_url.starts_with("postgresql://") || database_url.starts_with("postgres://");
}

/// Puts the parameters in front of those of the URL: the last of a name counts. The values need no
/// quotes; in a URL '=' and ' ' of a value are escaped.
std::string WithParameters(const std::string& database_url, const Parameters& parameters) {
  const bool is_url = IsUrl(database_url);
  std::string added;
  for (const auto& [name, value] : parameters) {
    added += name + "=";
    if (!is_url) {
      added += "'" + value + "' ";
      continue;
    }
    for (const char c : value) added += c == ' ' ? "%20" : c == '=' ? "%3D" : std::string(1, c);
    added += '&';
  }
  if (!is_url) return added + database_url;
  const std::size_t question = database_url.find('?');
  if (question != std::string::npos) return std::string(database_url).insert(question + 1, added);
  added.pop_back();
  return database_url + "?" + added;
}

Parameters ConnectDeadlines(base::Milliseconds call_timeout) {
  // libpq knows whole seconds, and takes 1 for 2.
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(call_timeout / 2).count();
  // Keepalives are for connections that wait; TCP's own deadline is for what was sent.
  return {{"connect_timeout", std::to_string(std::max<std::int64_t>(seconds, 2))},
          {"tcp_user_timeout", std::to_string(call_timeout.count())},
          {"keepalives_idle", "5"},
          {"keepalives_interval", "2"},
          {"keepalives_count", "3"}};
}

}  // namespace

std::string WithConnectDeadlines(const std::string& database_url, base::Milliseconds call_timeout) {
  return WithParameters(database_url, ConnectDeadlines(call_timeout));
}

std::string WithCallDeadlines(const std::string& database_url, base::Milliseconds call_timeout) {
  Parameters parameters = ConnectDeadlines(call_timeout);
  const auto milliseconds = [](base::Milliseconds duration) {
    return std::to_string(std::max<std::int64_t>(duration.count(), 1));
  };
  parameters.emplace_back("options", "-c statement_timeout=" + milliseconds(call_timeout * 4 / 5) +
                                         " -c lock_timeout=" + milliseconds(call_timeout / 2));
  return WithParameters(database_url, parameters);
}

PgConnection::PgConnection(const std::string& database_url)
    : connection_(database_url), socket_(::fcntl(connection_.sock(), F_DUPFD_CLOEXEC, 0)) {
  if (socket_ < 0) throw std::system_error(errno, std::generic_category(), "fcntl");
  // Without it libpqxx would connect again by itself, and lose the session's state and our socket.
  connection_.inhibit_reactivation(true);
}

PgConnection::~PgConnection() { ::close(socket_); }

PgWatchdog::PgWatchdog(base::Milliseconds call_timeout)
    : call_timeout_(call_timeout),
      thread_(base::StartThread("pg-watchdog", [this](std::stop_token stop) {
        while (base::SleepFor(stop, call_timeout_ / 4)) EndLateCalls();
      })) {}

PgWatchdog::Guard PgWatchdog::Watch(const PgConnection& connection) {
  const auto deadline = std::chrono::steady_clock::now() + call_timeout_;
  auto state = state_.Acquire();
  const std::uint64_t id = ++state->last_id;
  state->calls[id] = {connection.Socket(), deadline};
  return {*this, id};
}

void PgWatchdog::Forget(std::uint64_t id) {
  auto state = state_.Acquire();
  state->calls.erase(id);
}

void PgWatchdog::EndLateCalls() {
  const auto now = std::chrono::steady_clock::now();
  // Under the lock, so that no socket is closed meanwhile; shutdown(2) never waits.
  auto state = state_.Acquire();
  for (const auto& [id, call] : state->calls) {
    if (call.deadline <= now) ::shutdown(call.socket, SHUT_RDWR);
  }
}

}  // namespace oneshot::store
