#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "controller/delivery/run_channel.h"
#include "controller/reconcile/plan.h"
#include "core/base/guarded.h"
#include "core/domain/run.h"

namespace oneshot::reconcile {

/// One attempt of one run in this controller's hands.
struct Execution {
  domain::Run run;
  std::shared_ptr<delivery::RunChannel> channel;
  std::atomic<bool> cancel_requested{false};
  /// Number of the piece of input that the store will get next.
  std::atomic<int> next_stdin{0};
  /// The run has ended; its runner has not left yet.
  std::atomic<bool> is_committed{false};
  // The rest belongs to whoever holds the run's key in the work queue.
  Situation now;
  base::MonotonicTime observed_at{};
  bool is_pace_recorded{false};
  bool is_start_counted{false};
  /// Calls that failed in a row, for the pause before the next try.
  int failures{0};
};

/// The executions of one term of leadership, by run and by Job. Threads: any.
class Executions {
 public:
  void Add(std::shared_ptr<Execution> execution);
  std::shared_ptr<Execution> Find(const std::string& run_id) const;
  /// Empty when the Job belongs to no run here.
  std::string RunOfJob(const std::string& job_name) const;
  /// Removes this execution, and no later one of the same run.
  void Remove(const Execution& execution);
  /// Those that have not ended, which are limited in number.
  std::size_t active_size() const;
  /// Those that made a Job of their own and have not ended, which are limited in number.
  std::size_t cold_size() const;
  /// Those of them whose program has not begun: their pods start and their libraries are loaded.
  std::size_t cold_starting() const;
  /// Of files on their way to runners.
  std::size_t held_file_bytes() const;
  std::vector<std::string> RunIds() const;
  /// Of runs that have not ended and may get more input.
  std::vector<std::string> IdsOfOpenStdin() const;

 private:
  struct State {
    std::map<std::string, std::shared_ptr<Execution>> by_run;
    std::map<std::string, std::string> run_of_job;
  };
  mutable base::Guarded<State> state_;
};

}  // namespace oneshot::reconcile
