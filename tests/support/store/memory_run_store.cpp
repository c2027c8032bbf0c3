// What the api asks of the store, and the upkeep of the queue and of finished runs.
#include "tests/support/store/memory_run_store.h"

#include <algorithm>
#include <utility>

namespace oneshot::test {

using base::Error;
using base::ErrorCode;
using domain::RunStatus;

namespace {

Error NoRun(const std::string& id) { return {ErrorCode::kNotFound, "no run " + id}; }

}  // namespace

base::Status MemoryRunStore::Begin(State& state) {
  ++state.calls;
  if (state.unavailable) return Error{ErrorCode::kUnavailable, "the database is away", 1};
  return {};
}

void MemoryRunStore::SetUnavailable(bool unavailable) {
  auto state = state_.Acquire();
  state->unavailable = unavailable;
}

std::function<void()> MemoryRunStore::Backup() {
  auto now = state_.Acquire();
  return [this, backup = *now] {
    auto state = state_.Acquire();
    *state = backup;
  };
}

int MemoryRunStore::Calls() {
  auto state = state_.Acquire();
  return state->calls;
}

void MemoryRunStore::BeforeNextRead(std::function<void()> change) {
  auto state = state_.Acquire();
  state->before_read = std::move(change);
}

void MemoryRunStore::CallBeforeRead() {
  std::function<void()> change;
  {
    auto state = state_.Acquire();
    std::swap(change, state->before_read);
  }
  if (change) change();
}

void MemoryRunStore::GoAwayAfterNextSubmit() {
  auto state = state_.Acquire();
  state->goes_away_after_submit = true;
}

void MemoryRunStore::SetStatus(State& state, Entry& entry, RunStatus status) {
  entry.run.status = status;
  state.queued.erase({entry.tag, entry.run.id});
  state.active.erase(entry.run.id);
  if (status == RunStatus::kQueued) {
    state.queued.emplace(entry.tag, entry.run.id);
  } else if (!IsTerminal(status)) {
    state.active.insert(entry.run.id);
  }
}

void MemoryRunStore::End(State& state, Entry& entry, const domain::Outcome& outcome) const {
  entry.run.outcome = outcome;
  entry.run.message.clear();
  entry.run.finished_at = clock_.Wall();
  SetStatus(state, entry, outcome.status);
}

base::Result<store::Submitted> MemoryRunStore::Find(const State& state,
                                                    const std::string& submitter,
                                                    const store::IdempotencyKey& key) const {
  const auto found = state.keys.find({submitter, key.key});
  if (found == state.keys.end() || found->second.used_at < clock_.Wall() - store::kKeyLifetime)
    return Error{ErrorCode::kNotFound, "the key was not used"};
  if (found->second.fingerprint != key.fingerprint)
    return Error{ErrorCode::kConflict, "the key was used for another submission"};
  return store::Submitted{.id = found->second.run_id};
}

base::Result<store::Submitted> MemoryRunStore::FindSubmitted(const std::string& submitter,
                                                             const store::IdempotencyKey& key) {
  auto state = state_.Acquire();
  if (const base::Status begun = Begin(*state); !begun) return begun.error();
  return Find(*state, submitter, key);
}

base::Result<store::Submitted> MemoryRunStore::Submit(const store::Submission& submission) {
  auto state = state_.Acquire();
  if (const base::Status begun = Begin(*state); !begun) return begun.error();
  const auto& [id, spec, submitter, key] = submission;
  if (key) {
    auto known = Find(*state, submitter, *key);
    if (known && known->id != id) return known;
    if (!known && known.error().code == ErrorCode::kConflict) return known.error();
  }
  if (state->runs.contains(id)) return Error{ErrorCode::kAlreadyExists, id};
  if (key) state->keys[{submitter, key->key}] = {key->fingerprint, id, clock_.Wall()};
  std::int64_t tag = state->virtual_time;
  if (const auto next = state->next_tags.find(submitter); next != state->next_tags.end())
    tag = std::max(tag, next->second);
  for (auto last = state->queued.rbegin(); last != state->queued.rend(); ++last) {
    const Entry& queued = state->runs.at(last->second);
    if (queued.submitter != submitter) continue;
    tag = std::max(tag, queued.tag + queued.run.spec.limits.wall_ms);
    break;
  }
  Entry& entry = state->runs[id];
  entry.run.id = id;
  entry.run.spec = spec;
  entry.run.files = domain::InfoOf(spec.files);
  entry.files = std::exchange(entry.run.spec.files, {});
  entry.submitter = submitter;
  entry.tag = tag;
  entry.run.created_at = clock_.Wall();
  entry.not_before = entry.run.created_at;
  SetStatus(*state, entry, RunStatus::kQueued);
  if (state->goes_away_after_submit) {
    state->unavailable = true;
    return Error{ErrorCode::kUnknownOutcome, "the connection broke"};
  }
  return store::Submitted{.id = id, .created_at = entry.run.created_at};
}

base::Result<domain::Run> MemoryRunStore::Get(const std::string& id) {
  auto state = state_.Acquire();
  if (const base::Status begun = Begin(*state); !begun) return begun.error();
  const Entry* const entry = FindRun(*state, id);
  if (entry == nullptr) return NoRun(id);
  return entry->run;
}

base::Result<std::vector<domain::File>> MemoryRunStore::ReadFiles(const std::string& id) {
  CallBeforeRead();
  auto state = state_.Acquire();
  if (const base::Status begun = Begin(*state); !begun) return begun.error();
  const auto found = state->runs.find(id);
  if (found == state->runs.end()) return NoRun(id);
  return found->second.files;
}

base::Result<RunStatus> MemoryRunStore::GetStatus(const std::string& id) {
  auto state = state_.Acquire();
  if (const base::Status begun = Begin(*state); !begun) return begun.error();
  const Entry* const entry = FindRun(*state, id);
  if (entry == nullptr) return NoRun(id);
  return entry->run.status;
}

base::Result<store::RunLook> MemoryRunStore::Look(const std::string& id, store::OutputPosition seen,
                                                  std::int64_t max_bytes) {
  CallBeforeRead();
  auto state = state_.Acquire();
  if (const base::Status begun = Begin(*state); !begun) return begun.error();
  const auto found = state->runs.find(id);
  if (found == state->runs.end()) return NoRun(id);
  const auto& [run, output] = std::tie(found->second.run, found->second.output);
  const auto place = state->queued.find({found->second.tag, id});
  const std::int64_t position =
      place == state->queued.end() ? 0 : std::distance(state->queued.begin(), place) + 1;
  store::RunLook look{.status = run.status,
                      .attempt = run.attempt,
                      .message = run.message,
                      .interruptions = static_cast<int>(run.interruptions.size()),
                      .queue_position = std::min(position, store::kMaxCountedAhead + 1),
                      .starts_in = {},
                      .output = {}};
  if (look.queue_position > 0) look.starts_in = StartsIn(state->pace, look.queue_position, run);
  std::int64_t bytes = 0;
  std::int64_t next = seen.attempt == run.attempt ? seen.seq + 1 : 0;
  for (; next < std::ssize(output) && bytes < max_bytes; ++next) {
    look.output.push_back(output[static_cast<std::size_t>(next)]);
    bytes += domain::BytesOf(look.output.back());
  }
  look.has_more = next < std::ssize(output);
  return look;
}

base::Result<std::vector<domain::Run>> MemoryRunStore::List(const store::ListQuery& query) {
  auto state = state_.Acquire();
  if (const base::Status begun = Begin(*state); !begun) return begun.error();
  std::vector<domain::Run> runs;
  for (auto each = state->runs.rbegin();
       each != state->runs.rend() && std::ssize(runs) < query.limit; ++each) {
    const domain::Run& run = each->second.run;
    if (each->second.is_deleted) continue;
    if (query.before_id && run.id >= *query.before_id) continue;
    if (query.status && run.status != *query.status) continue;
    runs.push_back(run);
    runs.back().spec = {.source = "",
                        .stdin_data = "",
                        .args = {},
                        .limits = run.spec.limits,
                        .display_scale = run.spec.display_scale};
    runs.back().displays.clear();
    runs.back().files.clear();
  }
  return runs;
}

base::Result<RunStatus> MemoryRunStore::RequestCancel(const std::string& id) {
  auto state = state_.Acquire();
  if (const base::Status begun = Begin(*state); !begun) return begun.error();
  Entry* const found = FindRun(*state, id);
  if (found == nullptr) return NoRun(id);
  Entry& entry = *found;
  if (IsTerminal(entry.run.status)) return entry.run.status;
  entry.run.cancel_requested = true;
  if (entry.run.status == RunStatus::kQueued) {
    End(*state, entry, {.status = RunStatus::kCancelled, .reason = "cancelled"});
  }
  return entry.run.status;
}

base::Status MemoryRunStore::Delete(const std::string& id) {
  auto state = state_.Acquire();
  if (base::Status begun = Begin(*state); !begun) return begun;
  Entry* const entry = FindRun(*state, id);
  if (entry == nullptr) return NoRun(id);
  if (!IsTerminal(entry->run.status)) return Error{ErrorCode::kConflict, "the run is active"};
  if (entry->shares > 0)
    entry->is_deleted = true;
  else
    state->runs.erase(id);
  return {};
}

base::Result<store::QueueLoad> MemoryRunStore::MeasureQueue() {
  auto state = state_.Acquire();
  if (const base::Status begun = Begin(*state); !begun) return begun.error();
  store::QueueLoad load;
  for (const auto& [tag, id] : state->queued) {
    const Entry& entry = state->runs.at(id);
    const domain::RunSpec& spec = entry.run.spec;
    ++load.runs;
    ++load.runs_of_submitter[entry.submitter];
    load.bytes += std::ssize(spec.source) + std::ssize(spec.stdin_data);
    for (const std::string& argument : spec.args) load.bytes += std::ssize(argument);
    for (const std::string& pattern : spec.outputs) load.bytes += std::ssize(pattern);
    load.bytes += domain::BytesOf(entry.files) + StdinBytes(entry);
  }
  return load;
}

std::int64_t MemoryRunStore::StoredBytes(const Entry& entry) {
  if (!entry.run.outcome) return 0;
  const domain::RunSpec& spec = entry.run.spec;
  std::int64_t bytes = 2048 + domain::BytesOf(entry.files) + StdinBytes(entry) +
                       std::ssize(spec.source) + std::ssize(spec.stdin_data);
  for (const domain::OutputRecord& record : entry.output) bytes += domain::BytesOf(record);
  return bytes;
}

std::int64_t MemoryRunStore::StoredBytes(const State& state) {
  std::int64_t bytes = 0;
  for (const auto& [id, entry] : state.runs) bytes += StoredBytes(entry);
  for (const auto& [names, used] : state.keys)
    bytes += 256 + 2 * (std::ssize(names.first) + std::ssize(names.second));
  return bytes;
}

base::Result<std::int64_t> MemoryRunStore::StoredBytes() {
  auto state = state_.Acquire();
  if (const base::Status begun = Begin(*state); !begun) return begun.error();
  return StoredBytes(*state);
}

base::Result<std::int64_t> MemoryRunStore::DeleteFinishedBeyond(std::int64_t bytes, int limit) {
  auto state = state_.Acquire();
  if (const base::Status begun = Begin(*state); !begun) return begun.error();
  std::int64_t deleted = 0;
  while (deleted < limit && StoredBytes(*state) > bytes) {
    const auto ended_at = [](const auto& run) {
      const auto& finished_at = run.second.run.finished_at;
      return run.second.shares > 0 || !finished_at ? base::WallTime::max() : *finished_at;
    };
    const auto used_at = [](const auto& key) { return key.second.used_at; };
    const auto run = std::ranges::min_element(state->runs, {}, ended_at);
    const auto key = std::ranges::min_element(state->keys, {}, used_at);
    const bool is_done = (run == state->runs.end() || ended_at(*run) == base::WallTime::max()) &&
                         key == state->keys.end();
    if (is_done) break;
    if (key == state->keys.end() || (run != state->runs.end() && ended_at(*run) <= used_at(*key)))
      state->runs.erase(run);
    else
      state->keys.erase(key);
    ++deleted;
  }
  return deleted;
}

base::Result<std::int64_t> MemoryRunStore::DeleteFinishedOlderThan(base::Milliseconds age,
                                                                   int limit) {
  auto state = state_.Acquire();
  if (const base::Status begun = Begin(*state); !begun) return begun.error();
  std::erase_if(state->keys, [this](const auto& entry) {
    return entry.second.used_at < clock_.Wall() - store::kKeyLifetime;
  });
  DropExpiredShares(*state);
  const base::WallTime before = clock_.Wall() - age;
  std::int64_t deleted = 0;
  for (auto each = state->runs.begin(); each != state->runs.end() && deleted < limit;) {
    const auto& finished_at = each->second.run.finished_at;
    if (finished_at && *finished_at < before && each->second.shares == 0) {
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
  return Begin(*state);
}

}  // namespace oneshot::test
