#include "api/database_watch.h"

#include "core/base/thread.h"
#include "core/telemetry/log.h"

namespace oneshot::api {
namespace {

constexpr std::chrono::seconds kPeriod{1};

}  // namespace

DatabaseWatch::DatabaseWatch(store::RunStore& store, std::function<base::Status()> prepare)
    : store_(store),
      thread_(base::StartThread(
          "database-watch",
          [this, prepare = std::move(prepare)](std::stop_token stop) { Watch(stop, prepare); })) {}

base::Status DatabaseWatch::Readiness() const {
  auto status = status_.Acquire();
  return *status;
}

void DatabaseWatch::Watch(const std::stop_token& stop,
                          const std::function<base::Status()>& prepare) {
  bool is_prepared = false;
  do {
    const base::Status now = is_prepared ? store_.Ping() : prepare();
    is_prepared = is_prepared || now;
    const base::Status before = Readiness();
    {
      auto status = status_.Acquire();
      *status = now;
    }
    if (now && !before) {
      telemetry::Log(telemetry::Level::kInfo, "the database is ready");
    } else if (!now && (before || before.error().message != now.error().message)) {
      telemetry::Log(telemetry::Level::kError, "the database is not ready",
                     {{"error", now.error().message}});
    }
  } while (base::SleepFor(stop, kPeriod));
}

}  // namespace oneshot::api
