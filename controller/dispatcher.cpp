#include "controller/dispatcher.h"

#include <algorithm>
#include <utility>

#include "controller/manifest/names.h"
#include "core/telemetry/log.h"

namespace oneshot::controller {
namespace {

using telemetry::Level;
using telemetry::Log;

// Enough for a burst, and few enough that their rows are not locked for long.
constexpr int kClaimBatch = 32;
// Finds runs whose notification was lost.
constexpr auto kSweepInterval = std::chrono::seconds(1);

/// The request that the runner gets for `run`.
protocol::RunCommand ToCommand(const domain::Run& run, const Options& options) {
  const domain::Limits& limits = run.spec.limits;
  const domain::LimitPolicy& policy = options.limits;
  return {.run_id = run.id,
          .attempt = run.attempt,
          .source = run.spec.source,
          .stdin_data = run.spec.stdin_data,
          .args = run.spec.args,
          .file_bytes = domain::BytesOf(run.files),
          .limits = {.wall_ms = limits.wall_ms,
                     .cpu_ms = limits.cpu_ms,
                     .output_bytes = limits.output_bytes,
                     .processes = policy.processes,
                     .display_bytes = policy.display_bytes,
                     .output_file_bytes = policy.output_file_bytes},
          .scratch_bytes = limits.scratch_mib << 20,
          .outputs = run.spec.outputs,
          .display_scale = run.spec.display_scale,
          .stdin_open = run.spec.stdin_open,
          .stdin_idle_ms = policy.stdin_idle_ms,
          .result_hold_ms = options.reconcile.plan.result_hold.count()};
}

/// How long a program may run, with what it waits for input.
base::Milliseconds LongestWall(const domain::RunSpec& spec, const domain::LimitPolicy& policy) {
  return base::Milliseconds(spec.limits.wall_ms + (spec.stdin_open ? policy.stdin_idle_ms : 0));
}

}  // namespace

Dispatcher::Dispatcher(Term& term, reconcile::Executions& executions, pool::WarmPool& pool,
                       const Options& options, std::function<void()> on_claimed)
    : term_(term),
      executions_(executions),
      pool_(pool),
      options_(options),
      on_claimed_(std::move(on_claimed)) {}

base::Status Dispatcher::Adopt() {
  auto active = term_.store.AdoptActive(term_.epoch, executions_.RunIds());
  if (!active) return active.error();
  for (store::ClaimedRun& claimed : *active) Begin(std::move(claimed));
  return {};
}

void Dispatcher::CancelRuns() {
  const auto cancelled = term_.store.ListCancelRequested(term_.epoch);
  if (!cancelled) return;
  for (const std::string& run_id : *cancelled) {
    const auto execution = executions_.Find(run_id);
    if (!execution || execution->cancel_requested.exchange(true)) continue;
    term_.queue->Add(run_id);
  }
}

void Dispatcher::FindInput() {
  const std::vector<std::string> run_ids = executions_.IdsOfOpenStdin();
  if (run_ids.empty()) return;
  const auto next = term_.store.NextStdin(run_ids);
  if (!next) return;  // the next sweep asks again
  for (const auto& [run_id, next_seq] : *next) {
    const auto execution = executions_.Find(run_id);
    if (!execution || execution->next_stdin.exchange(next_seq) == next_seq) continue;
    term_.queue->Add(run_id);
  }
}

std::chrono::nanoseconds Dispatcher::Step(const std::stop_token& /*stop*/, bool woken) {
  const auto now = term_.clock.Monotonic();
  const bool is_sweep = now >= sweep_at_;
  if (woken || is_sweep) {
    CancelRuns();
    FindInput();
  }
  // Between two claims, because a claim that has been committed but not begun looks like one whose
  // answer was lost. What fails is tried again in a second; an epoch that is over may show nowhere
  // else, because there is nothing to claim then.
  if (is_sweep) {
    sweep_at_ = now + kSweepInterval;
    const auto adopted = Adopt();
    if (!adopted && adopted.error().code == base::ErrorCode::kConflict) term_.end.request_stop();
  }
  bool more = false;
  for (const pool::PoolClass& pool_class : pool_.settings().classes)
    more = ClaimFor(&pool_class) || more;
  more = ClaimFor(nullptr) || more;
  if (more) return {};
  return kSweepInterval;
}

bool Dispatcher::ClaimFor(const pool::PoolClass* pool_class) {
  const int room = options_.max_active_runs - static_cast<int>(executions_.active_size());
  if (room <= 0) return false;
  store::ClaimRequest request{.warm_job_names = {},
                              .max_active_of_submitter = options_.max_active_runs_per_submitter};
  if (pool_class != nullptr) {
    request.warm_job_names = pool_.Reserve(*pool_class, std::min(room, kClaimBatch));
    request.pool_memory_mib = pool_class->memory_mib;
    if (request.warm_job_names.empty()) return false;
  } else {
    const int cold_room = options_.max_cold_runs - static_cast<int>(executions_.cold_size());
    request.cold_slots = std::min({room, cold_room, kClaimBatch});
    if (request.cold_slots <= 0) return false;
  }
  auto claimed = term_.store.Claim(term_.epoch, request);
  if (!claimed) {
    Log(Level::kWarning, "claim failed", {{"error", claimed.error().message}});
    if (claimed.error().code == base::ErrorCode::kUnavailable) {
      pool_.Release(request.warm_job_names);
    } else {
      // The epoch is another controller's, or the result of the claim is unknown: a new epoch has
      // to adopt what was claimed.
      term_.end.request_stop();
    }
    return false;
  }
  for (store::ClaimedRun& each : claimed->runs) {
    const std::string& job_name = each.run.job->name;
    std::erase(request.warm_job_names, job_name);
    (manifest::IsWarmJobName(job_name) ? term_.instruments.claims_warm
                                       : term_.instruments.claims_cold)
        .Add();
    pool_.OnArrival(each.run.spec.limits);
    Begin(std::move(each));
  }
  pool_.Release(request.warm_job_names);
  if (!claimed->runs.empty()) on_claimed_();
  return claimed->has_more;
}

void Dispatcher::Begin(store::ClaimedRun claimed) {
  auto execution = std::make_shared<reconcile::Execution>();
  const std::string run_id = claimed.run.id;
  const bool is_warm = manifest::IsWarmJobName(claimed.run.job->name);
  // A run is delivered to a Job of its own only after the store knew the Job's pod.
  const bool pod_recorded = !claimed.run.job->pod.empty();
  execution->cancel_requested = claimed.run.cancel_requested;
  execution->now = {.warm = is_warm,
                    .recovered = claimed.recovered,
                    .may_have_been_delivered = claimed.recovered && (is_warm || pod_recorded),
                    .wall_limit = LongestWall(claimed.run.spec, options_.limits),
                    .claimed_at = term_.clock.Monotonic(),
                    .start_recorded = claimed.run.status == domain::RunStatus::kRunning,
                    .pod_recorded = pod_recorded,
                    // Files are read for the delivery, by the reconciler.
                    .delivery_allowed = claimed.run.files.empty() && (is_warm || pod_recorded),
                    .message_recorded = claimed.run.message};
  execution->run = std::move(claimed.run);

  if (is_warm && !claimed.recovered) execution->channel = pool_.Hand(execution->run.job->name);
  if (!execution->channel)
    execution->channel = std::make_shared<delivery::RunChannel>(term_.attacher, term_.clock);
  execution->channel->SetOnEvent([queue = term_.queue, run_id] { queue->Add(run_id); });
  executions_.Add(execution);
  execution->channel->Expect(ToCommand(execution->run, options_), claimed.next_seq);
  if (execution->now.delivery_allowed) execution->channel->AllowDelivery({});
  term_.queue->Add(run_id);
}

}  // namespace oneshot::controller
