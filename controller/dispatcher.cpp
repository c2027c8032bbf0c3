#include "controller/dispatcher.h"

#include <algorithm>
#include <utility>

#include "controller/manifest/names.h"
#include "core/telemetry/log.h"

namespace oneshot::controller {
namespace {

using delivery::RunChannel;
using telemetry::Level;
using telemetry::Log;

// Enough for a burst, and few enough that their rows are not locked for long.
constexpr int kClaimBatch = 32;
// Finds runs whose notification was lost.
constexpr auto kSweepInterval = std::chrono::seconds(1);

}  // namespace

DispatchMetrics::DispatchMetrics(telemetry::Metrics& metrics)
    : warm(metrics.MakeCounter("oneshot_claims_total", "Runs claimed", {{"job", "warm"}})),
      cold(metrics.MakeCounter("oneshot_claims_total", "Runs claimed", {{"job", "cold"}})) {}

Dispatcher::Dispatcher(Parts parts, std::int64_t epoch) : parts_(std::move(parts)), epoch_(epoch) {}

void Dispatcher::Run(std::stop_token stop) {
  while (!stop.stop_requested()) {
    if (!Claim()) wake_up_.Wait(stop, kSweepInterval);
  }
}

base::Status Dispatcher::Adopt() {
  auto active = parts_.store.AdoptActive(epoch_);
  if (!active) return active.error();
  for (store::ClaimedRun& claimed : *active) Begin(std::move(claimed));
  return {};
}

bool Dispatcher::Claim() {
  const int free = parts_.options.max_active_runs - static_cast<int>(parts_.executions.cold_size());
  const int cold_slots = std::clamp(free, 0, kClaimBatch);
  bool more = false;
  for (const pool::PoolClass& pool_class : parts_.pool.settings().classes)
    more = ClaimFor(&pool_class, 0) || more;
  return ClaimFor(nullptr, cold_slots) || more;
}

bool Dispatcher::ClaimFor(const pool::PoolClass* pool_class, int cold_slots) {
  store::ClaimRequest request{.warm_job_names = {}, .pool_memory_mib = 0, .cold_slots = cold_slots};
  if (pool_class != nullptr) {
    request.warm_job_names = parts_.pool.Reserve(*pool_class, kClaimBatch);
    request.pool_memory_mib = pool_class->memory_mib;
  }
  const auto places = static_cast<std::size_t>(cold_slots) + request.warm_job_names.size();
  if (places == 0) return false;
  auto claimed = parts_.store.Claim(epoch_, request, parts_.clock.Wall());
  if (!claimed) {
    Log(Level::kWarning, "claim failed", {{"error", claimed.error().message}});
    if (claimed.error().code == base::ErrorCode::kUnavailable) {
      parts_.pool.Release(request.warm_job_names);
    } else {
      parts_.on_epoch_over();
    }
    return false;
  }
  const bool full = claimed->size() == places;
  for (store::ClaimedRun& each : *claimed) {
    const std::string& job_name = each.run.job->name;
    std::erase(request.warm_job_names, job_name);
    (manifest::IsWarmJobName(job_name) ? parts_.metrics.warm : parts_.metrics.cold).Add();
    parts_.pool.OnArrival(each.run.spec.limits);
    Begin(std::move(each));
  }
  parts_.pool.Release(request.warm_job_names);
  if (!claimed->empty()) parts_.on_claimed();
  return full;
}

void Dispatcher::Begin(store::ClaimedRun claimed) {
  auto execution = std::make_shared<reconcile::Execution>();
  const std::string run_id = claimed.run.id;
  execution->cancel_requested = claimed.run.cancel_requested;
  execution->now = {.warm = manifest::IsWarmJobName(claimed.run.job->name),
                    .recovered = claimed.recovered,
                    .wall_limit = base::Milliseconds(claimed.run.spec.limits.wall_ms),
                    .claimed_at = parts_.clock.Monotonic(),
                    .start_recorded = claimed.run.status == domain::RunStatus::kRunning};
  execution->run = std::move(claimed.run);

  if (execution->now.warm && !claimed.recovered)
    execution->channel = parts_.pool.Hand(execution->run.job->name);
  const auto look = [&queue = parts_.queue, run_id] { queue.Add(run_id); };
  if (execution->channel) {
    execution->channel->SetOnEvent(look);
  } else {
    execution->channel = std::make_shared<RunChannel>(parts_.attacher, parts_.clock, look);
  }
  parts_.executions.Add(execution);
  execution->channel->Deliver(reconcile::ToCommand(execution->run, parts_.options.limits.processes,
                                                   parts_.options.limits.display_bytes));
  parts_.queue.Add(run_id);
}

}  // namespace oneshot::controller
