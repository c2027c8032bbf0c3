#include <map>
#include <pqxx/pqxx>
#include <regex>
#include <set>
#include <sstream>

#include "core/base/guarded.h"
#include "core/base/thread.h"
#include "core/store/notifications.h"
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
      pqxx::connection connection(database_url);
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
  explicit PgNotifier(std::string database_url)
      : database_url_(std::move(database_url)),
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
    StayConnected(stop, database_url_, channels, [&](pqxx::connection& connection, auto works) {
      // A hint may be lost, so its commit need not wait for the disk.
      pqxx::nontransaction(connection).exec("SET synchronous_commit = off");
      connection.prepare("notify", "SELECT pg_notify($1, $2)");
      while (!stop.stop_requested()) {
        wake_up_.Wait(stop, std::chrono::seconds(10));
        Send(connection);
        works();
      }
    });
  }

  void Send(pqxx::connection& connection) {
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

  static void SendOne(pqxx::connection& connection, const std::string& channel,
                      const std::string& payload) {
    pqxx::nontransaction(connection).exec_prepared("notify", channel, payload);
  }

  const std::string database_url_;
  base::Guarded<Pending> pending_;
  base::WakeUp wake_up_;
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

void Listen(const std::stop_token& stop, const std::string& database_url,
            const std::string& channel, const ListenHandlers& handlers) {
  StayConnected(stop, database_url, channel, [&](pqxx::connection& connection, auto works) {
    std::vector<std::string> run_ids;
    const Receiver receiver(connection, channel, run_ids);
    works();
    if (handlers.on_connected) handlers.on_connected();
    while (!stop.stop_requested()) {
      // Bounded, because await_notification knows nothing of stop tokens.
      if (connection.await_notification(0, 200'000) == 0) continue;
      if (handlers.on_notification) handlers.on_notification(run_ids);
      run_ids.clear();
    }
  });
}

}  // namespace

std::unique_ptr<Notifier> MakePgNotifier(const std::string& database_url) {
  return std::make_unique<PgNotifier>(database_url);
}

std::jthread MakePgListener(const std::string& database_url, const std::string& channel,
                            ListenHandlers handlers) {
  return base::StartThread("pg-listen", [=, handlers = std::move(handlers)](std::stop_token stop) {
    Listen(stop, database_url, channel, handlers);
  });
}

}  // namespace oneshot::store
