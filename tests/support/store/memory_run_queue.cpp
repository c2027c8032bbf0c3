// What the controller asks of the store: claiming, and fenced writes about the attempts it holds.
#include <algorithm>
#include <cmath>
#include <utility>

#include "tests/support/store/memory_run_store.h"

namespace oneshot::test {

using base::Error;
using base::ErrorCode;
using domain::RunStatus;
using store::ClaimedRun;

namespace {

Error NotHeld(const std::string& id) {
  return {ErrorCode::kConflict, "this attempt of " + id + " is no longer ours to write"};
}

/// Success carries whether the records may be appended after `next_seq` records.
base::Result<bool> Fit(const std::vector<domain::OutputRecord>& records, std::int64_t next_seq) {
  for (std::size_t i = 1; i < records.size(); ++i) {
    if (records[i].seq != records[i - 1].seq + 1)
      return Error{ErrorCode::kInvalidArgument, "the records' numbers do not follow one another"};
  }
  return records.empty() || records.front().seq == next_seq;
}

}  // namespace

bool MemoryRunStore::IsActive(const Entry& entry) {
  return entry.run.status == RunStatus::kStarting || entry.run.status == RunStatus::kRunning;
}

MemoryRunStore::Entry* MemoryRunStore::Current(State& state, std::int64_t epoch,
                                               const store::AttemptRef& attempt) {
  const auto found = state.runs.find(attempt.run_id);
  if (found == state.runs.end()) return nullptr;
  Entry& entry = found->second;
  const bool is_current = entry.run.attempt == attempt.attempt && entry.epoch == epoch &&
                          entry.run.job && entry.run.job->name == attempt.job_name;
  return is_current ? &entry : nullptr;
}

ClaimedRun MemoryRunStore::ToClaimed(const Entry& entry, bool recovered) {
  ClaimedRun claimed{
      .run = entry.run, .recovered = recovered, .next_seq = std::ssize(entry.output)};
  claimed.run.interruptions.clear();
  claimed.run.displays.clear();
  return claimed;
}

base::Result<std::int64_t> MemoryRunStore::TakeEpoch(const std::string& /*holder*/) {
  auto state = state_.Acquire();
  if (const base::Status begun = Begin(*state); !begun) return begun.error();
  const std::chrono::microseconds since_1970 =
      std::chrono::duration_cast<std::chrono::microseconds>(clock_.Wall().time_since_epoch());
  state->epoch = std::max<std::int64_t>(state->epoch + 1, since_1970.count());
  return state->epoch;
}

void MemoryRunStore::Tie(State& state, std::int64_t epoch, Entry& entry,
                         const std::string& warm_job) const {
  domain::Run& run = entry.run;
  ++run.attempt;
  run.job = domain::JobRef{
      .name = warm_job.empty() ? "run-" + run.id + "-" + std::to_string(run.attempt) : warm_job,
      .pod = "",
      .pod_uid = "",
      .node = "",
      .image = "",
      .snapshot = ""};
  state.job_names.insert(run.job->name);
  run.claimed_at = clock_.Wall();
  run.started_at.reset();
  if (!entry.series_began_at) entry.series_began_at = run.claimed_at;
  entry.epoch = epoch;
  SetStatus(state, entry, RunStatus::kStarting);
}

base::Result<store::ClaimResult> MemoryRunStore::Claim(std::int64_t epoch,
                                                       const store::ClaimRequest& request) {
  auto state = state_.Acquire();
  if (const base::Status begun = Begin(*state); !begun) return begun.error();
  store::ClaimResult claimed;
  if (epoch != state->epoch) return claimed;
  const base::WallTime now = clock_.Wall();
  auto warm = request.warm_job_names.begin();
  int cold = 0;
  std::map<std::string, int> active;
  for (const std::string& id : state->active) ++active[state->runs.at(id).submitter];
  // Each with its waiting Job, or none; tying changes the queue.
  std::vector<std::pair<Entry*, std::string>> taken;
  for (const auto& [tag, id] : state->queued) {
    if (warm == request.warm_job_names.end() && cold >= request.cold_slots) break;
    Entry& entry = state->runs.at(id);
    if (entry.not_before > now) continue;
    if (active[entry.submitter] >= request.max_active_of_submitter) continue;
    const domain::Limits& limits = entry.run.spec.limits;
    const bool fits = limits.memory_mib <= request.pool_memory_mib && limits.scratch_mib == 0 &&
                      entry.run.avoid_node.empty();
    if (fits && warm != request.warm_job_names.end()) {
      if (state->job_names.contains(*warm))
        return Error{ErrorCode::kAlreadyExists, *warm + " was tied or retired before"};
      taken.emplace_back(&entry, *warm++);
    } else if (cold < request.cold_slots) {
      taken.emplace_back(&entry, "");
      ++cold;
    } else {
      continue;
    }
    ++active[entry.submitter];
  }
  for (const auto& [entry, job_name] : taken) {
    Tie(*state, epoch, *entry, job_name);
    claimed.runs.push_back(ToClaimed(*entry, /*recovered=*/false));
    state->virtual_time = std::max(state->virtual_time, entry->tag);
    std::int64_t& next_tag = state->next_tags[entry->submitter];
    next_tag = std::max(next_tag, entry->tag + entry->run.spec.limits.wall_ms);
  }
  if (claimed.runs.empty()) return claimed;
  claimed.has_more = std::ranges::any_of(state->queued, [&](const auto& place) {
    return state->runs.at(place.second).not_before <= now;
  });
  KeepPace(*state, claimed);
  return claimed;
}

void MemoryRunStore::KeepPace(State& state, const store::ClaimResult& claimed) const {
  Pace& pace = state.pace;
  const base::WallTime now = clock_.Wall();
  if (pace.is_backlogged) {
    const double seconds =
        std::min(60.0, std::chrono::duration<double>(now - pace.claimed_at).count());
    const double left = std::exp(-seconds / 60);
    pace.recent_claims = pace.recent_claims * left + static_cast<double>(claimed.runs.size());
    pace.recent_seconds = pace.recent_seconds * left + seconds;
  }
  pace.claimed_at = now;
  pace.is_backlogged = claimed.has_more;
}

std::optional<base::Milliseconds> MemoryRunStore::StartsIn(const Pace& pace, std::int64_t position,
                                                           const domain::Run& run) const {
  if (pace.recent_claims <= 0) return std::nullopt;
  double seconds = pace.recent_seconds;
  if (pace.is_backlogged) {
    seconds +=
        std::chrono::duration<double>(clock_.Wall() - std::max(pace.claimed_at, run.created_at))
            .count();
  }
  return std::chrono::duration_cast<base::Milliseconds>(
      std::chrono::duration<double>(static_cast<double>(position) * seconds / pace.recent_claims));
}

base::Result<std::vector<ClaimedRun>> MemoryRunStore::AdoptActive(
    std::int64_t epoch, const std::vector<std::string>& known_run_ids) {
  auto state = state_.Acquire();
  if (const base::Status begun = Begin(*state); !begun) return begun.error();
  std::vector<ClaimedRun> adopted;
  if (epoch != state->epoch) return Error{ErrorCode::kConflict, "this epoch is over"};
  const std::set<std::string> known(known_run_ids.begin(), known_run_ids.end());
  for (const std::string& id : state->active) {
    Entry& entry = state->runs.at(id);
    if (entry.epoch == epoch && known.contains(id)) continue;
    entry.epoch = epoch;
    adopted.push_back(ToClaimed(entry, /*recovered=*/true));
  }
  return adopted;
}

base::Result<std::vector<std::string>> MemoryRunStore::ClaimedJobs(
    const std::vector<std::string>& job_names) {
  auto state = state_.Acquire();
  if (const base::Status begun = Begin(*state); !begun) return begun.error();
  std::vector<std::string> claimed;
  std::ranges::copy_if(job_names, std::back_inserter(claimed),
                       [&](const std::string& name) { return state->job_names.contains(name); });
  return claimed;
}

base::Result<std::vector<std::string>> MemoryRunStore::Retire(
    std::int64_t epoch, const std::vector<std::string>& job_names) {
  auto state = state_.Acquire();
  if (const base::Status begun = Begin(*state); !begun) return begun.error();
  if (epoch != state->epoch) return Error{ErrorCode::kConflict, "this epoch is over"};
  std::set<std::string> held;
  for (const std::string& id : state->active) held.insert(state->runs.at(id).run.job->name);
  std::vector<std::string> retired;
  for (const std::string& name : job_names) {
    if (held.contains(name)) continue;
    state->job_names.insert(name);
    retired.push_back(name);
  }
  return retired;
}

base::Result<std::vector<std::string>> MemoryRunStore::ListCancelRequested(std::int64_t epoch) {
  auto state = state_.Acquire();
  if (const base::Status begun = Begin(*state); !begun) return begun.error();
  std::vector<std::string> ids;
  for (const std::string& id : state->active) {
    const Entry& entry = state->runs.at(id);
    if (entry.run.cancel_requested && entry.epoch == epoch) ids.push_back(id);
  }
  return ids;
}

void MemoryRunStore::Store(Entry& entry, const store::Progress& progress) const {
  domain::JobRef& job = *entry.run.job;
  if (!progress.job.pod.empty()) job.pod = progress.job.pod;
  if (!progress.job.pod_uid.empty()) job.pod_uid = progress.job.pod_uid;
  if (!progress.job.node.empty()) job.node = progress.job.node;
  if (!progress.job.image.empty()) job.image = progress.job.image;
  if (!progress.job.snapshot.empty()) job.snapshot = progress.job.snapshot;
  if (progress.job.sandbox) job.sandbox = progress.job.sandbox;
  if (progress.started_ago && !entry.run.started_at)
    entry.run.started_at = std::max(*entry.run.claimed_at, clock_.Wall() - *progress.started_ago);
  entry.output.insert(entry.output.end(), progress.records.begin(), progress.records.end());
  for (const domain::OutputRecord& record : progress.records) {
    if (record.display && record.display->whole)
      entry.run.displays.push_back(*record.display->whole);
  }
}

base::Result<std::int64_t> MemoryRunStore::RecordProgress(std::int64_t epoch,
                                                          const store::AttemptRef& attempt,
                                                          const store::Progress& progress) {
  auto state = state_.Acquire();
  if (const base::Status begun = Begin(*state); !begun) return begun.error();
  Entry* entry = Current(*state, epoch, attempt);
  if (entry == nullptr || !IsActive(*entry)) return NotHeld(attempt.run_id);
  const auto fit = Fit(progress.records, std::ssize(entry->output));
  if (!fit) return fit.error();
  Store(*entry, *fit ? progress : store::Progress{progress.job, progress.started_ago, {}, {}});
  if (progress.started_ago) {
    entry->run.message.clear();
    SetStatus(*state, *entry, RunStatus::kRunning);
  } else if (entry->run.status == RunStatus::kStarting) {
    entry->run.message = progress.message;
  }
  return std::ssize(entry->output);
}

base::Result<std::int64_t> MemoryRunStore::Finish(std::int64_t epoch,
                                                  const store::AttemptRef& attempt,
                                                  const store::Progress& progress,
                                                  const domain::Outcome& outcome) {
  auto state = state_.Acquire();
  if (const base::Status begun = Begin(*state); !begun) return begun.error();
  Entry* entry = Current(*state, epoch, attempt);
  if (entry == nullptr || entry->run.status == RunStatus::kQueued) return NotHeld(attempt.run_id);
  const auto fit = Fit(progress.records, std::ssize(entry->output));
  if (!fit) return fit.error();
  const auto stored = std::ssize(entry->output);
  // By a call whose answer was lost.
  const bool is_stored = !*fit && progress.records.back().seq + 1 == stored;
  if (IsActive(*entry) && (*fit || is_stored)) {
    Store(*entry, *fit ? progress : store::Progress{progress.job, progress.started_ago, {}, {}});
    End(*state, *entry, outcome);
  }
  return std::ssize(entry->output);
}

base::Result<RunStatus> MemoryRunStore::Interrupt(std::int64_t epoch,
                                                  const store::AttemptRef& attempt,
                                                  const store::Interruption& interruption,
                                                  const store::RetryLimits& limits) {
  auto state = state_.Acquire();
  if (const base::Status begun = Begin(*state); !begun) return begun.error();
  const auto found = state->runs.find(attempt.run_id);
  if (found == state->runs.end() || found->second.epoch != epoch) return NotHeld(attempt.run_id);
  Entry& entry = found->second;
  domain::Run& run = entry.run;
  if (entry.interrupted.contains(attempt.job_name)) return run.status;
  if (Current(*state, epoch, attempt) == nullptr || !IsActive(entry))
    return NotHeld(attempt.run_id);

  const base::WallTime now = clock_.Wall();
  entry.interrupted.insert(attempt.job_name);
  if (!interruption.node.empty()) run.job->node = interruption.node;
  bool is_given_up = false;
  if (interruption.may_have_begun || run.started_at) {
    run.interruptions.push_back(
        {attempt.attempt, interruption.reason, interruption.message, run.job->node, now});
    if (!interruption.node.empty()) run.avoid_node = interruption.node;
    is_given_up = std::ssize(run.interruptions) >= limits.max_attempts;
    entry.series_began_at.reset();
  } else {
    is_given_up = now - *entry.series_began_at >= limits.queue_timeout;
  }
  if (run.cancel_requested || is_given_up) {
    domain::Outcome outcome{.status = RunStatus::kCancelled, .reason = "cancelled"};
    if (!run.cancel_requested)
      outcome = {.status = RunStatus::kError,
                 .reason = interruption.reason,
                 .message = interruption.message};
    outcome.output_incomplete = run.started_at.has_value();
    End(*state, entry, outcome);
    return run.status;
  }
  run.message = interruption.message;
  entry.output.clear();
  entry.run.displays.clear();
  entry.not_before = now + interruption.retry_after;
  run.claimed_at.reset();
  run.started_at.reset();
  SetStatus(*state, entry, RunStatus::kQueued);
  return run.status;
}

}  // namespace oneshot::test
