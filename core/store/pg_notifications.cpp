#include <map>
#include <pqxx/pqxx>
#include <regex>
#include <set>
#include <sstream>

#include "core/base/guarded.h"
#include "core/base/thread.h"
#include "core/store/notifications.h"
#include "core/store/pg_connection.h"
#include "core/telemetry/log.h"

namespace oneshot::store {
namespace {

constexpr std::size_t kMaxPayload = 7'900;  // PostgreSQL refuses 8,000 and more
constexpr auto kReconnectPause = std::chrono::milliseconds(500);

/// Calls `body(connection, works)` until `stop` is requested, with a new connection whenever an
/// exception ended the last one. `body` calls `works()` when its connection does: an outage is
/// logged once, however often it is tried again.
template <typename Body>
void StayConnected(const std::stop_token& stop, const std::string& database_url,
                   const std::string& channel, const Body& body) {
  bool is_outage_known = false;
  while (!stop.stop_requested()) {
    try {
      PgConnection connection(database_url);
      body(connection, [&] { is_outage_known = false; });
    } catch (const std::exception& error) {
      // libpq quotes a URL that it cannot parse, or the part that it stumbled over, which may be
      // the password. The reason stands outside of the quotes.
      static const std::regex kQuoted("\"[^\"]*\"");
      if (!std::exchange(is_outage_known, true)) {
        telemetry::Log(telemetry::Level::kWarning,
                       "the database connection for notifications failed; trying again",
                       {{"channel", channel},
                        {"error", std::regex_replace(error.what(), kQuoted, "\"...\"")}});
      }
      base::SleepFor(stop, kReconnectPause);
    }
  }
}

class PgNotifier final : public Notifier {
 public:
  PgNotifier(const std::string& database_url, base::Milliseconds call_timeout)
      : database_url_(WithCallDeadlines(database_url, call_timeout)),
        watchdog_(call_timeout),
        thread_(base::StartThread("pg-notify", [this](std::stop_token stop) { Run(stop); })) {}

  void Notify(const std::string& channel, const std::string& run_id) override {
    {
      auto pending = pending_.Acquire();
      (*pending)[channel].insert(run_id);
    }
    wake_up_.Raise();
  }

 private:
  using Pending = std::map<std::string, std::set<std::string>>;

  void Run(std::stop_token stop) {
    const std::string channels = std::string(kQueueChannel) + ", " + kChangesChannel;
    StayConnected(stop, database_url_, channels, [&](PgConnection& connection, auto works) {
      {
        // A hint may be lost, so its commit need not wait for the disk.
        const auto guard = watchdog_.Watch(connection);
        pqxx::nontransaction(connection.Native()).exec("SET synchronous_commit = off");
      }
      connection.Native().prepare("notify", "SELECT pg_notify($1, $2)");
      while (!stop.stop_requested()) {
        wake_up_.Wait(stop, std::chrono::seconds(10));
        Send(connection);
        works();
      }
    });
  }

  void Send(PgConnection& connection) {
    Pending taken;
    {
      auto pending = pending_.Acquire();
      taken.swap(*pending);
    }
    for (const auto& [channel, run_ids] : taken) {
      std::string payload;
      for (const std::string& run_id : run_ids) {
        if (payload.size() + run_id.size() + 1 > kMaxPayload) {
          SendOne(connection, channel, payload);
          payload.clear();
        }
        if (!payload.empty()) payload += ' ';
        payload += run_id;
      }
      SendOne(connection, channel, payload);
    }
  }

  void SendOne(PgConnection& connection, const std::string& channel, const std::string& payload) {
    const auto guard = watchdog_.Watch(connection);
    pqxx::nontransaction(connection.Native()).exec_prepared("notify", channel, payload);
  }

  const std::string database_url_;
  base::Guarded<Pending> pending_;
  base::WakeUp wake_up_;
  PgWatchdog watchdog_;
  std::jthread thread_;  // last: it uses the others
};

class Receiver final : public pqxx::notification_receiver {
 public:
  Receiver(pqxx::connection& connection, const std::string& channel,
           std::vector<std::string>& run_ids)
      : pqxx::notification_receiver(connection, channel), run_ids_(run_ids) {}

  void operator()(const std::string& payload, int /*backend_pid*/) override {
    std::istringstream words(payload);
    for (std::string word; words >> word;) run_ids_.push_back(word);
  }

 private:
  std::vector<std::string>& run_ids_;
};

/// A channel's LISTEN, and its UNLISTEN at the end: both are calls.
class Subscription {
 public:
  Subscription(PgWatchdog& watchdog, PgConnection& connection, const std::string& channel)
      : watchdog_(watchdog), connection_(connection) {
    const auto guard = watchdog_.Watch(connection_);
    receiver_.emplace(connection_.Native(), channel, run_ids_);
  }
  ~Subscription() {
    const auto guard = watchdog_.Watch(connection_);
    receiver_.reset();
  }
  Subscription(const Subscription&) = delete;
  Subscription& operator=(const Subscription&) = delete;

  /// Returns how many notifications came. Bounded, because libpqxx knows nothing of stop tokens.
  int Await() {
    const auto guard = watchdog_.Watch(connection_);
    return connection_.Native().await_notification(0, 200'000);
  }
  /// Asks the server whether it is there. What it has sent meanwhile is delivered too.
  void Probe() {
    const auto guard = watchdog_.Watch(connection_);
    pqxx::nontransaction(connection_.Native()).exec("SELECT 1");
  }
  std::vector<std::string> TakeRunIds() { return std::exchange(run_ids_, {}); }

 private:
  PgWatchdog& watchdog_;
  PgConnection& connection_;
  std::vector<std::string> run_ids_;
  std::optional<Receiver> receiver_;
};

void Listen(const std::stop_token& stop, const std::string& database_url,
            const std::string& channel, const ListenHandlers& handlers,
            base::Milliseconds call_timeout) {
  PgWatchdog watchdog(call_timeout);
  StayConnected(stop, database_url, channel, [&](PgConnection& connection, auto works) {
    Subscription subscription(watchdog, connection, channel);
    works();
    if (handlers.on_connected) handlers.on_connected();
    auto heard = std::chrono::steady_clock::now();
    while (!stop.stop_requested()) {
      const int notifications = subscription.Await();
      const auto now = std::chrono::steady_clock::now();
      if (notifications == 0 && now - heard < call_timeout / 2) continue;
      if (notifications == 0) subscription.Probe();
      heard = now;
      const std::vector<std::string> run_ids = subscription.TakeRunIds();
      if (handlers.on_notification && (notifications > 0 || !run_ids.empty()))
        handlers.on_notification(run_ids);
    }
  });
}

}  // namespace

std::unique_ptr<Notifier> MakePgNotifier(const std::string& database_url,
                                         base::Milliseconds call_timeout) {
  return std::make_unique<PgNotifier>(database_url, call_timeout);
}

std::jthread MakePgListener(const std::string& database_url, const std::string& channel,
                            ListenHandlers handlers, base::Milliseconds call_timeout) {
  return base::StartThread("pg-listen", [=, url = WithCallDeadlines(database_url, call_timeout),
                                         handlers = std::move(handlers)](std::stop_token stop) {
    Listen(stop, url, channel, handlers, call_timeout);
  });
}

}  // namespace oneshot::store
