#include "controller/leader_term.h"

#include <algorithm>
#include <utility>

#include "controller/cluster/finished_jobs.h"
#include "controller/manifest/names.h"
#include "core/telemetry/log.h"

namespace oneshot::controller {
namespace {

using delivery::RunChannel;
using telemetry::Level;
using telemetry::Log;

// A claim's batch: enough for a burst, small enough that its rows are not locked for long.
constexpr int kClaimBatch = 32;
constexpr auto kSweepInterval = std::chrono::seconds(1);
constexpr auto kPoolInterval = std::chrono::milliseconds(100);
constexpr auto kOrphanInterval = std::chrono::seconds(30);
// Longer than any call that could still be making a Job ours.
constexpr auto kOrphanAge = std::chrono::seconds(90);
// Between looks at the pool; the rest is for the next sweep.
constexpr std::size_t kFinishedBatch = 50;
constexpr auto kHistoryInterval = std::chrono::seconds(60);
constexpr int kHistoryBatch = 1000;
constexpr std::int64_t kHistorySweep = 100'000;

}  // namespace

Instruments::Instruments(telemetry::Metrics& metrics)
    : runs(metrics),
      pool(metrics),
      active(metrics.MakeGauge("oneshot_runs_active", "Runs that are starting or running")),
      leading(metrics.MakeGauge("oneshot_controller_leading", "Does this replica lead")),
      claims_warm(metrics.MakeCounter("oneshot_claims_total", "Runs claimed", {{"job", "warm"}})),
      claims_cold(metrics.MakeCounter("oneshot_claims_total", "Runs claimed", {{"job", "cold"}})) {}

LeaderTerm::LeaderTerm(Parts parts, std::int64_t epoch)
    : parts_(parts),
      epoch_(epoch),
      marker_(parts.client),
      reconciler_({.store = parts.store,
                   .notifier = parts.notifier,
                   .client = parts.client,
                   .cluster = parts.cluster,
                   .job_template = parts.job_template,
                   .queue = queue_,
                   .executions = executions_,
                   .marker = marker_,
                   .metrics = parts.instruments.runs,
                   .clock = parts.clock,
                   .on_run_ended = [this] { claim_wake_up_.Raise(); },
                   .on_fenced = [this] { over_ = true; }},
                  epoch, parts.options.reconcile),
      pool_({.store = parts.store,
             .client = parts.client,
             .attacher = parts.attacher,
             .cluster = parts.cluster,
             .job_template = parts.job_template,
             .queue = queue_,
             .metrics = parts.instruments.pool,
             .clock = parts.clock,
             .on_ready = [this] { claim_wake_up_.Raise(); }},
            parts.options.pool) {}

LeaderTerm::~LeaderTerm() {
  for (std::jthread& thread : threads_) thread.request_stop();
  threads_.clear();
  parts_.instruments.leading.Set(0);
}

base::Result<std::unique_ptr<LeaderTerm>> LeaderTerm::Begin(Parts parts) {
  const auto epoch = parts.store.TakeEpoch(parts.options.identity);
  if (!epoch) return epoch.error();
  std::unique_ptr<LeaderTerm> term(new LeaderTerm(parts, *epoch));
  if (auto recovered = term->Recover(); !recovered) return recovered.error();
  term->Start();
  Log(Level::kInfo, "leading", {{"epoch", *epoch}, {"identity", parts.options.identity}});
  return term;
}

base::Status LeaderTerm::Recover() {
  auto active = parts_.store.AdoptActive(epoch_);
  if (!active) return active.error();
  for (store::ClaimedRun& claimed : *active) Begin(std::move(claimed));
  return pool_.Adopt();
}

void LeaderTerm::Start() {
  parts_.instruments.leading.Set(1);
  threads_.push_back(
      base::StartThread("dispatch", [this](std::stop_token stop) { Dispatch(stop); }));
  threads_.push_back(base::StartThread("upkeep", [this](std::stop_token stop) { Upkeep(stop); }));
  for (int i = 0; i < parts_.options.workers; ++i) {
    threads_.push_back(base::StartThread("work-" + std::to_string(i),
                                         [this](std::stop_token stop) { Work(stop); }));
  }
}

void LeaderTerm::OnJob(const std::string& job_name) {
  const std::string run_id = executions_.RunOfJob(job_name);
  if (!run_id.empty()) {
    queue_.Add(run_id);
  } else if (pool_.Owns(job_name)) {
    queue_.Add(job_name);
  }
}

void LeaderTerm::OnQueue() {
  claim_wake_up_.Raise();
  upkeep_wake_up_.Raise();
}

void LeaderTerm::Work(std::stop_token stop) {
  while (auto key = queue_.Take(stop)) {
    if (manifest::IsWarmJobName(*key)) {
      pool_.Reconcile(*key);
    } else {
      reconciler_.Reconcile(*key);
    }
    queue_.Done(*key);
  }
}

void LeaderTerm::Dispatch(std::stop_token stop) {
  while (!stop.stop_requested()) {
    while (!stop.stop_requested() && !over_ && ClaimRuns()) {
    }
    claim_wake_up_.Wait(stop, kSweepInterval);
  }
}

bool LeaderTerm::ClaimRuns() {
  const int free = parts_.options.max_active_runs - static_cast<int>(executions_.cold_size());
  const int cold_slots = std::clamp(free, 0, kClaimBatch);
  bool more = false;
  for (const pool::PoolClass& pool_class : pool_.settings().classes)
    more = ClaimFor(&pool_class, 0) || more;
  return ClaimFor(nullptr, cold_slots) || more;
}

bool LeaderTerm::ClaimFor(const pool::PoolClass* pool_class, int cold_slots) {
  store::ClaimRequest request{.warm_job_names = {}, .pool_memory_mib = 0, .cold_slots = cold_slots};
  if (pool_class != nullptr) {
    request.warm_job_names = pool_.Reserve(*pool_class, kClaimBatch);
    request.pool_memory_mib = pool_class->memory_mib;
  }
  const auto places = static_cast<std::size_t>(cold_slots) + request.warm_job_names.size();
  if (places == 0) return false;
  auto claimed = parts_.store.Claim(epoch_, request, parts_.clock.Wall());
  if (!claimed) {
    Log(Level::kWarning, "claim failed", {{"error", claimed.error().message}});
    // Claimed or not? A new epoch adopts what was.
    if (claimed.error().code == base::ErrorCode::kUnavailable) {
      pool_.Release(request.warm_job_names);
    } else {
      over_ = true;
    }
    return false;
  }
  CountArrivals(*claimed);
  std::vector<std::string> unused = request.warm_job_names;
  for (const store::ClaimedRun& each : *claimed) std::erase(unused, each.run.job->name);
  const bool full = claimed->size() == places;
  for (store::ClaimedRun& each : *claimed) Begin(std::move(each));
  pool_.Release(unused);
  if (!claimed->empty()) upkeep_wake_up_.Raise();  // refill
  return full;
}

void LeaderTerm::CountArrivals(const std::vector<store::ClaimedRun>& claimed) {
  for (const store::ClaimedRun& each : claimed) {
    const bool warm = manifest::IsWarmJobName(each.run.job->name);
    (warm ? parts_.instruments.claims_warm : parts_.instruments.claims_cold).Add();
    const domain::Limits& limits = each.run.spec.limits;
    if (limits.scratch_mib > 0) continue;
    const auto& classes = pool_.settings().classes;
    const auto fits = std::ranges::find_if(classes, [&](const pool::PoolClass& pool_class) {
      return limits.memory_mib <= pool_class.memory_mib;
    });
    if (fits != classes.end()) pool_.OnArrivals(*fits, 1);
  }
}

void LeaderTerm::Begin(store::ClaimedRun claimed) {
  auto execution = std::make_shared<reconcile::Execution>();
  const std::string run_id = claimed.run.id;
  execution->warm = manifest::IsWarmJobName(claimed.run.job->name);
  execution->recovered = claimed.recovered;
  execution->claimed_at = parts_.clock.Monotonic();
  execution->cancel_requested = claimed.run.cancel_requested;
  execution->start_recorded = claimed.run.status == domain::RunStatus::kRunning;
  execution->run = std::move(claimed.run);

  if (execution->warm && !claimed.recovered)
    execution->channel = pool_.Hand(execution->run.job->name);
  const auto look = [this, run_id] { queue_.Add(run_id); };
  if (execution->channel) {
    execution->channel->SetOnEvent(look);
  } else {
    execution->channel = std::make_shared<RunChannel>(parts_.attacher, parts_.clock, look);
  }
  executions_.Add(execution);
  execution->channel->Deliver(execution->run,
                              reconcile::ToCommand(execution->run, parts_.options.limits.processes,
                                                   parts_.options.limits.display_bytes));
  queue_.Add(run_id);
}

void LeaderTerm::Upkeep(std::stop_token stop) {
  base::MonotonicTime swept{};
  base::MonotonicTime finished_swept{};
  base::MonotonicTime orphans_swept = parts_.clock.Monotonic();
  base::MonotonicTime history_swept{};
  while (!stop.stop_requested()) {
    const bool called = upkeep_wake_up_.Wait(stop, kPoolInterval);
    if (stop.stop_requested() || over_) continue;
    pool_.Tick(IsCrowded() ? pool::WarmPool::Refill::kLater : pool::WarmPool::Refill::kNow);
    const auto now = parts_.clock.Monotonic();
    if (called || now - swept >= kSweepInterval) {
      SweepRuns();
      swept = now;
    }
    // By the clock alone: it looks at every Job, and a claim must not.
    if (now - finished_swept >= kSweepInterval) {
      SweepFinished();
      finished_swept = now;
    }
    if (now - orphans_swept >= kOrphanInterval) {
      SweepOrphans();
      orphans_swept = now;
    }
    if (now - history_swept >= kHistoryInterval) {
      SweepHistory();
      history_swept = now;
    }
  }
}

/// Refilling the pool would take the CPU from runs that are starting, and most of them are.
bool LeaderTerm::IsCrowded() const {
  return 2 * executions_.cold_starting() >=
         static_cast<std::size_t>(parts_.options.max_active_runs);
}

void LeaderTerm::SweepRuns() {
  parts_.instruments.active.Set(static_cast<double>(executions_.size()));
  if (const auto cancelled = parts_.store.ListCancelRequested(epoch_)) {
    for (const std::string& run_id : *cancelled) {
      const auto execution = executions_.Find(run_id);
      if (!execution || execution->cancel_requested.exchange(true)) continue;
      queue_.Add(run_id);
    }
  }
  if (auto late = parts_.store.AdoptActive(epoch_)) {
    for (store::ClaimedRun& claimed : *late) Begin(std::move(claimed));
  }
  // Nothing waits for events only: a key whose event was lost is looked at all the same.
  for (const std::string& run_id : executions_.RunIds())
    queue_.AddAfter(run_id, std::chrono::seconds(5));
}

void LeaderTerm::SweepOrphans() {
  const auto now = parts_.clock.Monotonic();
  std::map<std::string, base::MonotonicTime> still;
  for (const kube::Job& job : parts_.cluster.Jobs()) {
    const std::string& name = job.meta.name;
    if (job.complete || job.has_failed || job.meta.deleting || pool_.Owns(name) ||
        !executions_.RunOfJob(name).empty()) {
      continue;
    }
    const auto [first_seen, is_new] = orphans_.try_emplace(name, now);
    still[name] = first_seen->second;
    if (now - first_seen->second < kOrphanAge) continue;
    Log(Level::kWarning, "deleting a Job that belongs to no run", {{"job", name}});
    if (!parts_.client.DeleteJob(name, job.meta.uid)) continue;
    still.erase(name);
  }
  orphans_.swap(still);
}

void LeaderTerm::SweepFinished() {
  auto jobs = parts_.cluster.Jobs();
  // What a run's record still lacks may be in its pod's log.
  std::erase_if(jobs,
                [&](const kube::Job& job) { return !executions_.RunOfJob(job.meta.name).empty(); });
  auto surplus = cluster::FinishedBeyond(
      std::move(jobs), static_cast<std::size_t>(parts_.options.max_finished_jobs));
  surplus.resize(std::min(surplus.size(), kFinishedBatch));
  for (const kube::Job& job : surplus) {
    // One that could not be deleted is there again in the next sweep.
    if (!parts_.client.DeleteJob(job.meta.name, job.meta.uid)) break;
  }
}

void LeaderTerm::SweepHistory() {
  std::int64_t total = 0;
  while (!over_) {
    const auto deleted = parts_.store.DeleteFinishedBefore(
        parts_.clock.Wall() - parts_.options.keep_runs, kHistoryBatch);
    if (deleted) total += *deleted;
    // A short batch is the last one, and a sweep lets go in time for the next.
    if (!deleted || *deleted < kHistoryBatch || total >= kHistorySweep) break;
  }
  if (total > 0) Log(Level::kInfo, "old runs deleted", {{"count", total}});
}

}  // namespace oneshot::controller
