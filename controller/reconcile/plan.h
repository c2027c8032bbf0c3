#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "controller/cluster/cluster_view.h"
#include "controller/delivery/run_channel.h"
#include "controller/reconcile/classify.h"
#include "core/base/clock.h"

/// What a run needs next, from everything a decision may look at. Pure: the same answer whatever
/// woke it, and after a crash.
namespace oneshot::reconcile {

struct PlanSettings {
  /// From the claim until the program begins.
  base::Milliseconds start_timeout{60'000};
  /// Beyond the run's wall time: a runner that is silent for longer has lost its own clock.
  base::Milliseconds silence_after_wall{20'000};
  /// How long the runner may take to obey a cancellation before the Job is deleted.
  base::Milliseconds cancel_patience{3'000};
  /// How long the runner may take to start a delivered request before it is written again.
  base::Milliseconds delivery_patience{5'000};
  /// Waits for the end of a fast program, so that its output and its end share one commit.
  base::Milliseconds flush_delay{8};
  /// Between two commits of one run's output.
  base::Milliseconds flush_interval{50};
};

/// Everything about one attempt of a run that a decision may look at: what there is now, and what
/// this controller saw and did before. What must survive a crash is in PostgreSQL and in the
/// cluster; what is here only saves asking again.
struct Situation {
  /// Empty: it did not happen.
  using Moment = std::optional<base::MonotonicTime>;

  /// When the situation was observed.
  base::MonotonicTime time{};
  bool cancel_requested{false};
  cluster::ClusterView::Sight cluster;
  delivery::RunChannel::View channel;
  /// How long after scheduled_at the first attach is tried; hardly any runner is ready earlier.
  base::Milliseconds first_attach{0};

  // Since the claim; these never change.
  /// Its Job waited before the run came.
  bool warm{false};
  /// Claimed by an earlier controller.
  bool recovered{false};
  base::Milliseconds wall_limit{10'000};
  base::MonotonicTime claimed_at{};

  bool saw_job{false};
  bool saw_pod{false};
  /// Our POST succeeded, or the Job was there.
  bool job_created{false};
  /// Why the API server did not take it, in its words.
  std::string refusal;
  /// Asking again would change nothing.
  bool refused_for_good{false};
  /// When this controller deleted it.
  Moment job_deleted_at;
  /// When its pod got a node, as far as this controller saw it.
  Moment scheduled_at;
  /// When output was last committed.
  Moment flushed_at;
  bool start_recorded{false};
  bool pod_recorded{false};
  /// How often the log was read since the pod ended.
  int end_log_reads{0};
  /// When the log was last read.
  Moment log_read_at;
  /// How often the attach had been opened by then.
  int log_read_opens{0};
  Moment cancel_sent_at;

  base::Milliseconds Since(base::MonotonicTime moment) const {
    return base::Milliseconds(base::MillisecondsBetween(moment, time));
  }
  std::optional<base::Milliseconds> Since(const Moment& moment) const {
    return moment ? std::optional(Since(*moment)) : std::nullopt;
  }
};

struct CreateJob {};
/// Attach to the pod in the view.
struct Connect {};
struct Redeliver {};
struct SendCancel {};
struct ReadLog {};
struct DeleteJob {};
struct RecordProgress {};
/// The last two end the attempt.
using Action = std::variant<CreateJob, Connect, Redeliver, SendCancel, ReadLog, DeleteJob,
                            RecordProgress, domain::Outcome, store::Interruption>;

struct Decision {
  /// To be done in this order.
  std::vector<Action> actions;
  /// Look again after this, whatever happens.
  std::optional<base::Milliseconds> again;

  Decision& Do(Action action);
  /// Of several pauses the shortest counts.
  Decision& Again(base::Milliseconds after);
};

Decision Plan(const Situation& now, const PlanSettings& settings);

}  // namespace oneshot::reconcile
