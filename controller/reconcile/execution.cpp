#include "controller/reconcile/execution.h"

#include <algorithm>
#include <utility>

namespace oneshot::reconcile {

void Executions::Add(std::shared_ptr<Execution> execution) {
  std::shared_ptr<Execution> former;  // its channel closes after the lock is released
  auto state = state_.Acquire();
  const std::string run_id = execution->run.id;
  former = std::exchange(state->by_run[run_id], execution);
  // A database that failed over may hand out the same run twice. The former Job is nobody's then.
  if (former) state->run_of_job.erase(former->run.job->name);
  state->run_of_job[execution->run.job->name] = run_id;
}

std::shared_ptr<Execution> Executions::Find(const std::string& run_id) const {
  auto state = state_.Acquire();
  const auto found = state->by_run.find(run_id);
  return found == state->by_run.end() ? nullptr : found->second;
}

std::string Executions::RunOfJob(const std::string& job_name) const {
  auto state = state_.Acquire();
  const auto found = state->run_of_job.find(job_name);
  return found == state->run_of_job.end() ? std::string() : found->second;
}

void Executions::Remove(const Execution& execution) {
  decltype(State::by_run)::node_type removed;  // its channel closes after the lock is released
  auto state = state_.Acquire();
  const auto found = state->by_run.find(execution.run.id);
  // The next attempt may have been claimed since this one was given up.
  if (found == state->by_run.end() || found->second.get() != &execution) return;
  state->run_of_job.erase(execution.run.job->name);
  removed = state->by_run.extract(found);
}

std::size_t Executions::active_size() const {
  auto state = state_.Acquire();
  return static_cast<std::size_t>(std::ranges::count_if(
      state->by_run, [](const auto& entry) { return !entry.second->is_committed; }));
}

std::size_t Executions::cold_size() const {
  auto state = state_.Acquire();
  return static_cast<std::size_t>(std::ranges::count_if(state->by_run, [](const auto& entry) {
    return !entry.second->now.warm && !entry.second->is_committed;
  }));
}

std::size_t Executions::cold_starting() const {
  auto state = state_.Acquire();
  return static_cast<std::size_t>(std::ranges::count_if(state->by_run, [](const auto& entry) {
    return !entry.second->now.warm && !entry.second->is_committed &&
           !entry.second->channel->Look().started_at;
  }));
}

std::size_t Executions::held_file_bytes() const {
  std::size_t bytes = 0;
  auto state = state_.Acquire();
  for (const auto& [id, execution] : state->by_run) bytes += execution->channel->HeldFileBytes();
  return bytes;
}

std::vector<std::string> Executions::RunIds() const {
  std::vector<std::string> ids;
  auto state = state_.Acquire();
  for (const auto& [id, execution] : state->by_run) ids.push_back(id);
  return ids;
}

std::vector<std::string> Executions::IdsOfOpenStdin() const {
  std::vector<std::string> ids;
  auto state = state_.Acquire();
  for (const auto& [id, execution] : state->by_run) {
    if (execution->run.spec.stdin_open && !execution->is_committed) ids.push_back(id);
  }
  return ids;
}

}  // namespace oneshot::reconcile
