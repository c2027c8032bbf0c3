#include "api/database_watch.h"

#include <utility>

#include "core/base/thread.h"
#include "core/telemetry/log.h"

namespace oneshot::api {
namespace {

constexpr std::chrono::seconds kPeriod{1};

}  // namespace

DatabaseWatch::DatabaseWatch(std::function<base::Status()> prepare,
                             std::function<base::Status()> ping, const base::Clock& clock)
    : clock_(clock),
      thread_(base::StartThread("database-watch",
                                [this, prepare = std::move(prepare), ping = std::move(ping)](
                                    std::stop_token stop) { Watch(stop, prepare, ping); })) {}

base::Status DatabaseWatch::Readiness() const {
  Answer last;
  {
    auto answer = answer_.Acquire();
    last = *answer;
  }
  if (!last.is_ready)
    return base::Error{base::ErrorCode::kUnavailable, "the database is not ready"};
  if (clock_.Monotonic() - last.at > kFresh)
    return base::Error{base::ErrorCode::kUnavailable, "the database does not answer"};
  return {};
}

void DatabaseWatch::Watch(const std::stop_token& stop, const std::function<base::Status()>& prepare,
                          const std::function<base::Status()>& ping) {
  bool is_prepared = false;
  bool was_ready = false;
  std::string last_error;
  do {
    const base::Status now = is_prepared ? ping() : prepare();
    is_prepared = is_prepared || now;
    {
      auto answer = answer_.Acquire();
      *answer = {.is_ready = static_cast<bool>(now), .at = clock_.Monotonic()};
    }
    const bool is_ready = static_cast<bool>(now);
    const std::string error = is_ready ? "" : now.error().message;
    if (is_ready && !was_ready) {
      telemetry::Log(telemetry::Level::kInfo, "the database is ready");
    } else if (!is_ready && (was_ready || error != last_error)) {
      telemetry::Log(telemetry::Level::kError, "the database is not ready", {{"error", error}});
    }
    was_ready = is_ready;
    last_error = error;
  } while (base::SleepFor(stop, kPeriod));
}

}  // namespace oneshot::api
