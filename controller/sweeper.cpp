#include "controller/sweeper.h"

#include <algorithm>
#include <set>
#include <utility>

#include "core/telemetry/log.h"

namespace oneshot::controller {
namespace {

using base::Milliseconds;
using std::chrono::seconds;
using telemetry::Level;
using telemetry::Log;

constexpr Milliseconds kPoolInterval{100};
// Longer than any call that could still be giving a Job to a run.
constexpr auto kOrphanAge = seconds(90);
// With a second between two batches, and 3 to 5 ms for each call, about as many a second.
constexpr std::size_t kFinishedBatch = 200;
constexpr int kHistoryBatch = 1000;
constexpr std::int64_t kHistorySweep = 100'000;
// Below the bound, at which the api accepts no more runs.
constexpr double kFilling = 0.9;

}  // namespace

Sweeper::Sweeper(Term& term, reconcile::Executions& executions, pool::WarmPool& pool,
                 const Options& options)
    : term_(term),
      executions_(executions),
      pool_(pool),
      options_(options),
      sweeps_{
          {&Sweeper::TendPool, kPoolInterval, On::kWakeUp}, {&Sweeper::VisitRuns, seconds(1)},
          {&Sweeper::DeleteFinishedJobs, seconds(1)},       {&Sweeper::DeleteOrphans, seconds(30)},
          {&Sweeper::DeleteOldRuns, seconds(60)},           {&Sweeper::WatchStorage, seconds(10)},
      } {}

std::chrono::nanoseconds Sweeper::Step(const std::stop_token& stop, bool woken) {
  const auto now = term_.clock.Monotonic();
  for (Sweep& sweep : sweeps_) {
    if (stop.stop_requested()) break;
    if (now < sweep.due && !(woken && sweep.also_on == On::kWakeUp)) continue;
    sweep.due = now + sweep.every;
    (this->*sweep.act)(stop);
  }
  return kPoolInterval;
}

void Sweeper::TendPool(const std::stop_token& /*stop*/) {
  // Refilling would take the CPU from runs that start in Jobs of their own, when most places are
  // taken by such runs.
  const bool is_crowded =
      2 * executions_.cold_starting() >= static_cast<std::size_t>(options_.max_cold_runs);
  pool_.Tick(is_crowded ? pool::WarmPool::Refill::kLater : pool::WarmPool::Refill::kNow);
}

void Sweeper::VisitRuns(const std::stop_token& /*stop*/) {
  const auto run_ids = executions_.RunIds();
  term_.instruments.active.Set(static_cast<double>(run_ids.size()));
  // Every run is looked at now and then, even if an event was lost.
  for (const std::string& run_id : run_ids) term_.queue->AddAfter(run_id, seconds(5));
}

void Sweeper::DeleteFinishedJobs(const std::stop_token& /*stop*/) {
  if (is_deleting_->load()) return;
  auto surplus = term_.cluster.FinishedBeyond(static_cast<std::size_t>(options_.max_finished_jobs),
                                              kFinishedBatch);
  // What the record of a run still lacks may be with its pod.
  std::erase_if(surplus, [this](const kube::Job& job) {
    return !executions_.RunOfJob(job.meta.name).empty();
  });
  surplus = Permitted(std::move(surplus));
  if (surplus.empty()) return;
  // Elsewhere, because the pool does not wait for so many calls. Also when the call never runs:
  *is_deleting_ = true;
  const std::shared_ptr<void> done(nullptr,
                                   [flag = is_deleting_](std::nullptr_t) { *flag = false; });
  term_.background.Post("finished Jobs",
                        [&client = term_.client, surplus = std::move(surplus), done] {
                          for (const kube::Job& job : surplus) {
                            if (!client.DeleteJob(job.meta.name, job.meta.uid)) return;
                          }
                        });
}

void Sweeper::DeleteOrphans(const std::stop_token& stop) {
  const auto now = term_.clock.Monotonic();
  std::map<std::string, base::MonotonicTime> still;
  std::vector<kube::Job> orphans;
  for (const kube::Job& job : term_.cluster.UnfinishedJobs()) {
    const std::string& name = job.meta.name;
    if (pool_.Owns(name) || !executions_.RunOfJob(name).empty()) continue;
    const auto first_seen = orphans_.try_emplace(name, now).first->second;
    still[name] = first_seen;
    if (now - first_seen < kOrphanAge) continue;
    Log(Level::kWarning, "deleting a Job that belongs to no run", {{"job", name}});
    orphans.push_back(job);
  }
  orphans_.swap(still);
  for (const kube::Job& job : Permitted(std::move(orphans))) {
    if (stop.stop_requested() || !term_.client.DeleteJob(job.meta.name, job.meta.uid)) return;
  }
}

std::vector<kube::Job> Sweeper::Permitted(std::vector<kube::Job> jobs) {
  if (jobs.empty()) return jobs;
  std::vector<std::string> names;
  for (const kube::Job& job : jobs) names.push_back(job.meta.name);
  // This controller may have been paused, and its view may be old: only the store knows whose a Job
  // is. What cannot be deleted now is found by the next sweep.
  const auto permitted = term_.store.Retire(term_.epoch, names);
  if (!permitted) {
    if (permitted.error().code == base::ErrorCode::kConflict) term_.end.request_stop();
    return {};
  }
  const std::set<std::string> names_permitted(permitted->begin(), permitted->end());
  std::erase_if(jobs,
                [&](const kube::Job& job) { return !names_permitted.contains(job.meta.name); });
  return jobs;
}

void Sweeper::DeleteOldRuns(const std::stop_token& stop) {
  DeleteInBatches(stop, "old runs deleted", [this](int limit) {
    return term_.store.DeleteFinishedOlderThan(options_.keep_runs, limit);
  });
}

void Sweeper::WatchStorage(const std::stop_token& stop) {
  const auto load = term_.store.MeasureQueue();
  const auto stored_bytes = term_.store.StoredBytes();
  if (!load || !stored_bytes) return;
  term_.instruments.waiting.Set(static_cast<double>(load->runs));
  term_.instruments.stored_bytes.Set(static_cast<double>(*stored_bytes));
  const auto keep =
      static_cast<std::int64_t>(kFilling * static_cast<double>(options_.retention_bytes));
  if (*stored_bytes <= keep) return;
  DeleteInBatches(stop, "old runs and keys deleted to make room", [this, keep](int limit) {
    return term_.store.DeleteFinishedBeyond(keep, limit);
  });
}

template <typename DeleteBatch>
void Sweeper::DeleteInBatches(const std::stop_token& stop, std::string_view message,
                              const DeleteBatch& delete_batch) {
  std::int64_t total = 0;
  // A sweep that is too long would keep the pool waiting.
  while (!stop.stop_requested() && total < kHistorySweep) {
    const auto deleted = delete_batch(kHistoryBatch);
    // A batch may be small because its runs are large.
    if (!deleted || *deleted == 0) break;
    total += *deleted;
  }
  if (total > 0) Log(Level::kInfo, message, {{"count", total}});
}

}  // namespace oneshot::controller
