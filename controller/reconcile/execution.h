#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "controller/delivery/run_channel.h"
#include "core/base/clock.h"
#include "core/base/guarded.h"
#include "core/domain/run.h"
#include "core/protocol/messages.h"

namespace oneshot::reconcile {

/// One attempt of one run in this controller's hands. What must survive a crash is in PostgreSQL
/// and in the cluster; what is here only saves asking again. Members below the line belong to
/// whoever holds the run's key in the work queue.
struct Execution {
  domain::Run run;
  bool warm{false};
  bool recovered{false};
  base::MonotonicTime claimed_at{};
  std::shared_ptr<delivery::RunChannel> channel;
  std::atomic<bool> cancel_requested{false};
  // ---
  using Moment = std::optional<base::MonotonicTime>;
  bool job_created{false};
  bool saw_job{false};
  bool saw_pod{false};
  Moment scheduled_at;
  bool is_pace_recorded{false};
  Moment job_deleted_at;
  Moment cancel_sent_at;
  Moment flushed_at;
  bool start_recorded{false};
  bool pod_recorded{false};
  int end_log_reads{0};
  Moment log_read_at;
  int log_read_opens{0};  // how often the attach had been opened when the log was read
  std::string refusal;    // why the API server did not take the Job, in its words
  bool refused_for_good{false};
  int failures{0};  // of calls in a row, for the pause before the next try
};

/// The request that the runner gets for `run`.
protocol::RunCommand ToCommand(const domain::Run& run, std::int64_t processes,
                               std::int64_t display_bytes);

/// The executions of one term of leadership, by run and by Job. Threads: any.
class Executions {
 public:
  void Add(std::shared_ptr<Execution> execution);
  std::shared_ptr<Execution> Find(const std::string& run_id) const;
  /// Empty when the Job belongs to no run here.
  std::string RunOfJob(const std::string& job_name) const;
  void Remove(const std::string& run_id);
  std::size_t size() const;
  /// Those that made a Job of their own, which are limited in number.
  std::size_t cold_size() const;
  /// Those of them whose program has not begun: their pods start and their libraries are loaded.
  std::size_t cold_starting() const;
  std::vector<std::string> RunIds() const;

 private:
  struct State {
    std::map<std::string, std::shared_ptr<Execution>> by_run;
    std::map<std::string, std::string> run_of_job;
    std::size_t cold{0};
  };
  mutable base::Guarded<State> state_;
};

}  // namespace oneshot::reconcile
