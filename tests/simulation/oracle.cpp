#include "tests/simulation/oracle.h"

#include <algorithm>
#include <cstdio>
#include <iterator>

namespace oneshot::simulation {

using domain::RunStatus;

std::string Program::ToSource() const {
  return std::to_string(pieces) + (hangs ? " hang" : " exit " + std::to_string(exit_code));
}

Program Program::FromSource(const std::string& source, std::int64_t wall_ms) {
  Program program{.wall_ms = wall_ms};
  program.hangs =
      std::sscanf(source.c_str(), "%d exit %d", &program.pieces, &program.exit_code) < 2;
  return program;
}

std::string Execution::Piece(int index) const {
  return std::to_string(number) + "." + std::to_string(index) + ";";
}

std::string Execution::Output() const {
  std::string output;
  for (int i = 0; i < program.pieces; ++i) output += Piece(i);
  return output;
}

void Oracle::OnSubmit(const std::string& run_id, Program program) {
  runs_[run_id];
  if (world_.IsTraced()) {
    world_.Note("user", "submits " + run_id + ": " + program.ToSource() + ", limit " +
                            std::to_string(program.wall_ms) + " ms");
  }
}

void Oracle::OnCancel(const std::string& run_id) {
  runs_[run_id].cancelled_at = world_.now();
  if (world_.IsTraced()) world_.Note("user", "cancels " + run_id);
}

void Oracle::OnRequestWritten(const std::string& run_id, int attempt) {
  const auto found = runs_.find(run_id);
  if (found == runs_.end()) return;
  found->second.written.insert(attempt);
}

std::shared_ptr<Execution> Oracle::OnBegin(const std::string& run_id, int attempt) {
  Facts& facts = runs_[run_id];
  auto execution = std::make_shared<Execution>();
  execution->number = static_cast<int>(facts.executions.size());
  execution->attempt = attempt;
  execution->is_excused = facts.is_shaken;
  for (const auto& each : facts.executions) {
    if (each->is_excused || facts.is_shaken) continue;
    const std::string which = run_id + ", execution " + std::to_string(execution->number) +
                              " after " + std::to_string(each->number);
    if (each->ended) {
      world_.Violate("executed-again-after-its-end", which);
    } else if (each->was_stopped) {
      world_.Violate("executed-again-after-a-healthy-pod", which);
    } else {
      world_.Violate("executed-twice-at-once", which);
    }
  }
  if (!facts.is_shaken && facts.executions.size() > facts.told.size())
    world_.Violate("executed-more-often-than-told", run_id);
  facts.executions.push_back(execution);
  return execution;
}

void Oracle::OnClaim(const std::string& run_id, const std::string& job_name) {
  Facts& facts = runs_[run_id];
  facts.jobs.insert(job_name);
  const auto [place, is_new] = run_of_job_.try_emplace(job_name, run_id);
  if (!is_new) world_.Violate("job-tied-twice", job_name);
  // Names of Jobs follow from run and attempt, which may be claimed again.
  if (!facts.is_shaken && deleted_.contains(job_name))
    world_.Violate("deleted-job-handed-out", job_name);
}

void Oracle::OnAdopt(const std::string& run_id, int attempt) {
  runs_[run_id].adopted.insert(attempt);
}

void Oracle::OnInterrupt(const std::string& run_id, int attempt, RunStatus status,
                         bool may_have_begun) {
  Facts& facts = runs_[run_id];
  if (!may_have_begun) return;
  facts.told.insert(attempt);
  const bool can_know = !facts.adopted.contains(attempt);
  if (can_know && !facts.written.contains(attempt) && status != RunStatus::kCancelled)
    world_.Violate("attempt-spent-unbegun", run_id + ", attempt " + std::to_string(attempt));
}

void Oracle::OnDelete(const std::string& job_name, const std::string& by) {
  deleted_.insert(job_name);
  const auto tied = run_of_job_.find(job_name);
  if (tied == run_of_job_.end()) return;
  const auto run = store_.Get(tied->second);
  if (!run || IsTerminal(run->status) || run->status == RunStatus::kQueued) return;
  if (runs_[run->id].is_shaken || run->cancel_requested || !run->job || run->job->name != job_name)
    return;
  world_.Violate("job-of-a-living-run-deleted",
                 job_name + " of " + run->id + " by controller " + by);
}

void Oracle::OnFailover() {
  has_lost_pods_ = true;
  run_of_job_.clear();
  deleted_.clear();
  for (auto& [run_id, facts] : runs_) {
    const auto run = store_.Get(run_id);
    facts.is_forgotten = !run;
    if (!run || IsTerminal(run->status)) continue;
    if (run->job) run_of_job_.emplace(run->job->name, run_id);
    if (!run->cancel_requested && facts.cancelled_at) {
      facts.cancelled_at.reset();
      facts.is_wish_forgotten = true;
    }
    facts.is_shaken = true;
    for (const auto& execution : facts.executions) execution->is_excused = true;
    // Whoever adopts it cannot know either.
    for (int attempt = 1; attempt <= kMaxAttempts; ++attempt) facts.adopted.insert(attempt);
  }
}

bool Oracle::HasEnded(const std::string& run_id, const Facts& facts) const {
  return facts.is_forgotten || IsTerminal(*store_.GetStatus(run_id));
}

bool Oracle::AllEnded() const {
  return std::ranges::all_of(
      runs_, [this](const auto& each) { return HasEnded(each.first, each.second); });
}

void Oracle::CheckCancelled(Milliseconds patience) {
  for (const auto& [run_id, facts] : runs_) {
    const bool is_due = facts.cancelled_at && *facts.cancelled_at + patience <= world_.now();
    if (is_due && !HasEnded(run_id, facts)) world_.Violate("cancelled-too-late", run_id);
  }
}

void Oracle::CheckEnds() {
  for (const auto& [run_id, facts] : runs_) CheckEnd(run_id, facts);
}

int Oracle::LostAttempts(const Facts& facts) const {
  // Who adopts an attempt cannot know whether its request was written before its pod was lost.
  std::set<int> possible = facts.written;
  std::ranges::set_intersection(facts.adopted, facts.told, std::inserter(possible, possible.end()));
  return static_cast<int>(std::ranges::count_if(possible, [&](int attempt) {
    const auto execution = std::ranges::find(facts.executions, attempt,
                                             [](const auto& each) { return each->attempt; });
    return execution == facts.executions.end() ? has_lost_pods_ : (*execution)->is_excused;
  }));
}

bool Oracle::HasTrustedLiar(const Facts& facts) const {
  return std::ranges::any_of(facts.jobs,
                             [this](const std::string& job) { return lying_jobs_.contains(job); });
}

void Oracle::CheckEnd(const std::string& run_id, const Facts& facts) {
  if (facts.is_forgotten) return;
  const auto run = store_.Get(run_id);
  if (!run) return world_.Violate("lost", run_id);
  if (!IsTerminal(run->status)) {
    return world_.Violate("not-ended", run_id + " is " + std::string(ToString(run->status)) +
                                           ", attempt " + std::to_string(run->attempt));
  }
  if (HasTrustedLiar(facts)) return;
  std::string output;
  const auto look = store_.Look(run_id, {}, 1 << 20);
  for (const domain::OutputRecord& record : look->output) {
    for (const domain::OutputPiece& piece : record.pieces) output += piece.data;
  }
  const domain::Outcome& outcome = *run->outcome;
  const std::string what = run_id + " " + std::string(ToString(outcome.status)) + " (" +
                           outcome.reason + (outcome.message.empty() ? "" : ": ") +
                           outcome.message + "), output \"" + output + "\"";
  const bool is_any_excused =
      std::ranges::any_of(facts.executions, [](const auto& each) { return each->is_excused; });
  if (outcome.status == RunStatus::kError) {
    if (LostAttempts(facts) < kMaxAttempts) world_.Violate("error-without-cause", what);
    return;
  }
  if (outcome.status == RunStatus::kCancelled) {
    if (!facts.cancelled_at && !facts.is_wish_forgotten)
      world_.Violate("cancelled-without-a-wish", what);
    const bool is_prefix =
        output.empty() || std::ranges::any_of(facts.executions, [&](const auto& each) {
          return each->attempt == run->attempt && each->Output().starts_with(output);
        });
    if (!is_prefix && !is_any_excused) world_.Violate("output-wrong", what);
    return;
  }
  for (const auto& each : facts.executions) {
    if (each->attempt != run->attempt || each->ended != outcome.status) continue;
    if (each->is_excused || (output == each->Output() && !outcome.output_incomplete)) return;
    return world_.Violate(outcome.output_incomplete ? "output-lost" : "output-wrong",
                          what + ", printed \"" + each->Output() + "\"");
  }
  world_.Violate("wrong-result", what);
}

}  // namespace oneshot::simulation
