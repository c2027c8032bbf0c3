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
  const std::lock_guard lock(mutex_);
  return status_;
}

void DatabaseWatch::Watch(const std::stop_token& stop,
                          const std::function<base::Status()>& prepare) {
  bool is_prepared = false;
  do {
    const base::Status status = is_prepared ? store_.Ping() : prepare();
    is_prepared = is_prepared || static_cast<bool>(status);
    Report(status);
  } while (base::SleepFor(stop, kPeriod));
}

void DatabaseWatch::Report(const base::Status& status) {
  bool has_changed = false;
  {
    const std::lock_guard lock(mutex_);
    has_changed = static_cast<bool>(status) != static_cast<bool>(status_) ||
                  (!status && status.error().message != status_.error().message);
    status_ = status;
  }
  if (!has_changed) return;
  if (status) {
    telemetry::Log(telemetry::Level::kInfo, "the database is ready");
  } else {
    telemetry::Log(telemetry::Level::kError, "the database is not ready",
                   {{"error", status.error().message}});
  }
}

}  // namespace oneshot::api
