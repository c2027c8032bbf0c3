#include "controller/reconcile/execution.h"

#include <algorithm>

namespace oneshot::reconcile {

void Executions::Add(std::shared_ptr<Execution> execution) {
  auto state = state_.Acquire();
  const std::string run_id = execution->run.id;
  state->run_of_job[execution->run.job->name] = run_id;
  state->by_run[run_id] = std::move(execution);
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

void Executions::Remove(const std::string& run_id) {
  decltype(State::by_run)::node_type removed;  // its channel closes after the lock is released
  auto state = state_.Acquire();
  removed = state->by_run.extract(run_id);
  if (removed) state->run_of_job.erase(removed.mapped()->run.job->name);
}

std::size_t Executions::cold_size() const {
  auto state = state_.Acquire();
  return static_cast<std::size_t>(std::ranges::count_if(
      state->by_run, [](const auto& entry) { return !entry.second->now.warm; }));
}

std::size_t Executions::cold_starting() const {
  auto state = state_.Acquire();
  return static_cast<std::size_t>(std::ranges::count_if(state->by_run, [](const auto& entry) {
    return !entry.second->now.warm && !entry.second->channel->Look().started_at;
  }));
}

std::vector<std::string> Executions::RunIds() const {
  std::vector<std::string> ids;
  auto state = state_.Acquire();
  for (const auto& [id, execution] : state->by_run) ids.push_back(id);
  return ids;
}

}  // namespace oneshot::reconcile
