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
  using Moment = std::optional<base::MonotonicTime>;  // empty: it did not happen

  base::MonotonicTime time{};  // of the look
  bool cancel_requested{false};
  cluster::ClusterView::Sight cluster;
  delivery::RunChannel::View channel;
  base::Milliseconds first_attach{0};  // after scheduled_at; before, hardly any runner is there

  // Since the claim; these never change.
  bool warm{false};       // its Job waited before the run came
  bool recovered{false};  // claimed by an earlier controller
  base::Milliseconds wall_limit{10'000};
  base::MonotonicTime claimed_at{};

  bool saw_job{false};
  bool saw_pod{false};
  bool job_created{false};       // our POST succeeded, or the Job was there
  std::string refusal;           // why the API server did not take it, in its words
  bool refused_for_good{false};  // asking again would change nothing
  Moment job_deleted_at;         // by us
  Moment scheduled_at;           // its pod to a node, as far as this controller saw it
  Moment flushed_at;             // the last commit of output
  bool start_recorded{false};
  bool pod_recorded{false};
  int end_log_reads{0};   // log reads since the pod ended
  Moment log_read_at;     // the last of any
  int log_read_opens{0};  // how often the attach had been opened then
  Moment cancel_sent_at;

  base::Milliseconds Since(base::MonotonicTime moment) const {
    return base::Milliseconds(base::MillisecondsBetween(moment, time));
  }
  std::optional<base::Milliseconds> Since(const Moment& moment) const {
    return moment ? std::optional(Since(*moment)) : std::nullopt;
  }
};

struct CreateJob {};
struct Connect {};  // to the pod in the view
struct Redeliver {};
struct SendCancel {};
struct ReadLog {};
struct DeleteJob {};
struct RecordProgress {};
/// The last two end the attempt.
using Action = std::variant<CreateJob, Connect, Redeliver, SendCancel, ReadLog, DeleteJob,
                            RecordProgress, domain::Outcome, store::Interruption>;

struct Decision {
  std::vector<Action> actions;              // in this order
  std::optional<base::Milliseconds> again;  // look again after this, whatever happens

  Decision& Do(Action action);
  /// Of several pauses the shortest counts.
  Decision& Again(base::Milliseconds after);
};

Decision Plan(const Situation& now, const PlanSettings& settings);

}  // namespace oneshot::reconcile
