#include "tests/support/store/memory_run_store.h"

#include <algorithm>
#include <utility>

namespace oneshot::test {

using base::Error;
using base::ErrorCode;
using domain::RunStatus;
using store::ClaimedRun;

namespace {

Error Unavailable() { return {ErrorCode::kUnavailable, "the database is away", 1}; }
Error NoRun(const std::string& id) { return {ErrorCode::kNotFound, "no run " + id}; }
Error NotHeld(const std::string& id) {
  return {ErrorCode::kConflict, "this attempt of " + id + " is no longer ours to write"};
}

}  // namespace

#define BEGIN_CALL(state) \
  ++(state)->calls;       \
  if ((state)->unavailable) return Unavailable()

void MemoryRunStore::SetUnavailable(bool unavailable) {
  auto state = state_.Acquire();
  state->unavailable = unavailable;
}

int MemoryRunStore::Calls() {
  auto state = state_.Acquire();
  return state->calls;
}

void MemoryRunStore::GoAwayAfterNextSubmit() {
  auto state = state_.Acquire();
  state->goes_away_after_submit = true;
}

void MemoryRunStore::SetStatus(State& state, Entry& entry, RunStatus status) {
  entry.run.status = status;
  state.queued.erase(entry.run.id);
  state.active.erase(entry.run.id);
  if (status == RunStatus::kQueued) {
    state.queued.insert(entry.run.id);
  } else if (!IsTerminal(status)) {
    state.active.insert(entry.run.id);
  }
}

base::Status MemoryRunStore::Submit(const std::string& id, const domain::RunSpec& spec,
                                    base::WallTime now, std::int64_t max_queued) {
  auto state = state_.Acquire();
  BEGIN_CALL(state);
  if (std::ssize(state->queued) >= max_queued)
    return Error{ErrorCode::kConflict, "the queue is full", 2};
  if (state->runs.contains(id)) return Error{ErrorCode::kAlreadyExists, id};
  Entry& entry = state->runs[id];
  entry.run.id = id;
  entry.run.spec = spec;
  entry.run.created_at = now;
  entry.not_before = now;
  SetStatus(*state, entry, RunStatus::kQueued);
  if (state->goes_away_after_submit) {
    state->unavailable = true;
    return Error{ErrorCode::kUnknownOutcome, "the connection broke"};
  }
  return {};
}

base::Result<domain::Run> MemoryRunStore::Get(const std::string& id) {
  auto state = state_.Acquire();
  BEGIN_CALL(state);
  const auto found = state->runs.find(id);
  if (found == state->runs.end()) return NoRun(id);
  return found->second.run;
}

base::Result<RunStatus> MemoryRunStore::GetStatus(const std::string& id) {
  auto state = state_.Acquire();
  BEGIN_CALL(state);
  const auto found = state->runs.find(id);
  if (found == state->runs.end()) return NoRun(id);
  return found->second.run.status;
}

base::Result<store::RunLook> MemoryRunStore::Look(const std::string& id, store::OutputPosition seen,
                                                  std::int64_t max_bytes) {
  auto state = state_.Acquire();
  BEGIN_CALL(state);
  const auto found = state->runs.find(id);
  if (found == state->runs.end()) return NoRun(id);
  const domain::Run& run = found->second.run;
  const auto place = state->queued.find(id);
  const std::int64_t position =
      place == state->queued.end() ? 0 : std::distance(state->queued.begin(), place) + 1;
  store::RunLook look{.status = run.status,
                      .attempt = run.attempt,
                      .queue_position = std::min<std::int64_t>(position, 10'001),
                      .output = {}};
  std::int64_t bytes = 0;
  for (const auto& [seq, record] : found->second.output) {
    if (seen.attempt == run.attempt && seq <= seen.seq) continue;
    if (bytes >= max_bytes) break;
    bytes += std::ssize(record.data);
    look.output.push_back(record);
  }
  return look;
}

base::Result<std::vector<domain::Run>> MemoryRunStore::List(const store::ListQuery& query) {
  auto state = state_.Acquire();
  BEGIN_CALL(state);
  std::vector<domain::Run> runs;
  for (auto each = state->runs.rbegin();
       each != state->runs.rend() && std::ssize(runs) < query.limit; ++each) {
    const domain::Run& run = each->second.run;
    if (query.before_id && run.id >= *query.before_id) continue;
    if (query.status && run.status != *query.status) continue;
    runs.push_back(run);
    runs.back().spec = {.source = "", .stdin_data = "", .args = {}, .limits = run.spec.limits};
  }
  return runs;
}

base::Result<RunStatus> MemoryRunStore::RequestCancel(const std::string& id, base::WallTime now) {
  auto state = state_.Acquire();
  BEGIN_CALL(state);
  const auto found = state->runs.find(id);
  if (found == state->runs.end()) return NoRun(id);
  Entry& entry = found->second;
  if (IsTerminal(entry.run.status)) return entry.run.status;
  entry.run.cancel_requested = true;
  if (entry.run.status == RunStatus::kQueued) {
    SetStatus(*state, entry, RunStatus::kCancelled);
    entry.run.finished_at = now;
    entry.run.outcome = domain::Outcome{.status = RunStatus::kCancelled, .reason = "cancelled"};
  }
  return entry.run.status;
}

base::Status MemoryRunStore::Delete(const std::string& id) {
  auto state = state_.Acquire();
  BEGIN_CALL(state);
  const auto found = state->runs.find(id);
  if (found == state->runs.end()) return NoRun(id);
  if (!IsTerminal(found->second.run.status))
    return Error{ErrorCode::kConflict, "the run is active"};
  state->runs.erase(found);
  return {};
}

base::Result<std::int64_t> MemoryRunStore::TakeEpoch(const std::string& /*holder*/) {
  auto state = state_.Acquire();
  BEGIN_CALL(state);
  return ++state->epoch;
}

void MemoryRunStore::Tie(State& state, std::int64_t epoch, Entry& entry, std::string warm_job,
                         base::WallTime now, std::vector<ClaimedRun>& claimed) {
  domain::Run& run = entry.run;
  ++run.attempt;
  std::string job_name =
      warm_job.empty() ? "run-" + run.id + "-" + std::to_string(run.attempt) : std::move(warm_job);
  state.job_names.insert(job_name);
  run.job = domain::JobRef{
      .name = std::move(job_name), .pod = "", .pod_uid = "", .node = "", .image = ""};
  run.claimed_at = now;
  run.started_at.reset();
  entry.epoch = epoch;
  SetStatus(state, entry, RunStatus::kStarting);
  claimed.push_back({run, /*recovered=*/false});
}

base::Result<std::vector<ClaimedRun>> MemoryRunStore::Claim(std::int64_t epoch,
                                                            const store::ClaimRequest& request,
                                                            base::WallTime now) {
  auto state = state_.Acquire();
  BEGIN_CALL(state);
  std::vector<ClaimedRun> claimed;
  if (epoch != state->epoch) return claimed;
  for (const std::string& name : request.warm_job_names) {
    if (state->job_names.contains(name))
      return Error{ErrorCode::kAlreadyExists, name + " was tied to a run before"};
  }
  auto warm = request.warm_job_names.begin();
  int cold = 0;
  std::vector<std::pair<Entry*, std::string>>
      taken;  // with its waiting Job, or none; tying changes the queue
  for (const std::string& id : state->queued) {
    if (warm == request.warm_job_names.end() && cold >= request.cold_slots) break;
    Entry& entry = state->runs.at(id);
    if (entry.not_before > now) continue;
    const domain::Limits& limits = entry.run.spec.limits;
    const bool fits = limits.memory_mib <= request.pool_memory_mib && limits.scratch_mib == 0;
    if (fits && warm != request.warm_job_names.end()) {
      taken.emplace_back(&entry, *warm++);
    } else if (cold < request.cold_slots) {
      taken.emplace_back(&entry, "");
      ++cold;
    }
  }
  for (auto& [entry, job_name] : taken)
    Tie(*state, epoch, *entry, std::move(job_name), now, claimed);
  return claimed;
}

base::Result<std::vector<ClaimedRun>> MemoryRunStore::AdoptActive(std::int64_t epoch) {
  auto state = state_.Acquire();
  BEGIN_CALL(state);
  std::vector<ClaimedRun> adopted;
  if (epoch != state->epoch) return adopted;
  for (const std::string& id : state->active) {
    Entry& entry = state->runs.at(id);
    if (entry.epoch >= epoch) continue;
    entry.epoch = epoch;
    adopted.push_back({entry.run, /*recovered=*/true});
  }
  return adopted;
}

base::Result<std::vector<std::string>> MemoryRunStore::ClaimedJobs(
    const std::vector<std::string>& job_names) {
  auto state = state_.Acquire();
  BEGIN_CALL(state);
  std::vector<std::string> claimed;
  std::ranges::copy_if(job_names, std::back_inserter(claimed),
                       [&](const std::string& name) { return state->job_names.contains(name); });
  return claimed;
}

base::Result<std::vector<std::string>> MemoryRunStore::ListCancelRequested(std::int64_t epoch) {
  auto state = state_.Acquire();
  BEGIN_CALL(state);
  std::vector<std::string> ids;
  for (const std::string& id : state->active) {
    const Entry& entry = state->runs.at(id);
    if (entry.run.cancel_requested && entry.epoch == epoch) ids.push_back(id);
  }
  return ids;
}

MemoryRunStore::Entry* MemoryRunStore::Held(State& state, std::int64_t epoch, const std::string& id,
                                            int attempt) {
  const auto found = state.runs.find(id);
  if (found == state.runs.end()) return nullptr;
  Entry& entry = found->second;
  const bool active =
      entry.run.status == RunStatus::kStarting || entry.run.status == RunStatus::kRunning;
  return active && entry.run.attempt == attempt && entry.epoch == epoch ? &entry : nullptr;
}

void MemoryRunStore::Store(Entry& entry, const Progress& progress) {
  domain::JobRef& job = *entry.run.job;
  if (!progress.job.pod.empty()) job.pod = progress.job.pod;
  if (!progress.job.pod_uid.empty()) job.pod_uid = progress.job.pod_uid;
  if (!progress.job.node.empty()) job.node = progress.job.node;
  if (!progress.job.image.empty()) job.image = progress.job.image;
  if (!entry.run.started_at) entry.run.started_at = progress.started_at;
  for (const domain::OutputRecord& record : progress.records)
    entry.output.try_emplace(record.seq, record);
}

base::Status MemoryRunStore::RecordProgress(std::int64_t epoch, const std::string& id, int attempt,
                                            const Progress& progress) {
  auto state = state_.Acquire();
  BEGIN_CALL(state);
  Entry* entry = Held(*state, epoch, id, attempt);
  if (entry == nullptr) return NotHeld(id);
  Store(*entry, progress);
  if (progress.started_at) SetStatus(*state, *entry, RunStatus::kRunning);
  return {};
}

base::Status MemoryRunStore::Finish(std::int64_t epoch, const std::string& id, int attempt,
                                    const Progress& progress, const domain::Outcome& outcome,
                                    base::WallTime now) {
  auto state = state_.Acquire();
  BEGIN_CALL(state);
  Entry* entry = Held(*state, epoch, id, attempt);
  if (entry == nullptr) return NotHeld(id);
  Store(*entry, progress);
  entry->run.outcome = outcome;
  entry->run.finished_at = now;
  SetStatus(*state, *entry, outcome.status);
  return {};
}

base::Result<RunStatus> MemoryRunStore::Interrupt(std::int64_t epoch, const std::string& id,
                                                  int attempt,
                                                  const store::Interruption& interruption,
                                                  int max_attempts, base::WallTime now) {
  auto state = state_.Acquire();
  BEGIN_CALL(state);
  Entry* entry = Held(*state, epoch, id, attempt);
  if (entry == nullptr) return NotHeld(id);
  domain::Run& run = entry->run;
  ++entry->spent_attempts;
  entry->not_before = now + interruption.retry_after;
  if (!run.cancel_requested && entry->spent_attempts < max_attempts) {
    entry->output.clear();
    run.claimed_at.reset();
    run.started_at.reset();
    SetStatus(*state, *entry, RunStatus::kQueued);
    return run.status;
  }
  domain::Outcome outcome;
  outcome.status = run.cancel_requested ? RunStatus::kCancelled : RunStatus::kError;
  outcome.reason = run.cancel_requested ? "cancelled" : interruption.reason;
  outcome.message = run.cancel_requested ? "" : interruption.message;
  outcome.output_incomplete = run.started_at.has_value();
  run.outcome = outcome;
  run.finished_at = now;
  SetStatus(*state, *entry, outcome.status);
  return run.status;
}

base::Result<std::int64_t> MemoryRunStore::CountQueued() {
  auto state = state_.Acquire();
  BEGIN_CALL(state);
  return std::ssize(state->queued);
}

base::Result<std::int64_t> MemoryRunStore::DeleteFinishedBefore(base::WallTime before, int limit) {
  auto state = state_.Acquire();
  BEGIN_CALL(state);
  std::int64_t deleted = 0;
  for (auto each = state->runs.begin(); each != state->runs.end() && deleted < limit;) {
    const auto& finished_at = each->second.run.finished_at;
    if (finished_at && *finished_at < before) {
      each = state->runs.erase(each);
      ++deleted;
    } else {
      ++each;
    }
  }
  return deleted;
}

base::Status MemoryRunStore::Ping() {
  auto state = state_.Acquire();
  BEGIN_CALL(state);
  return {};
}

}  // namespace oneshot::test
