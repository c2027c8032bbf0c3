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

/// Everything about one run now. Durations count back from now; empty: it did not happen.
struct Observed {
  using Span = std::optional<base::Milliseconds>;

  bool warm{false};       // its Job waited before the run came
  bool recovered{false};  // claimed by an earlier controller
  bool cancel_requested{false};
  base::Milliseconds wall_limit{10'000};
  base::Milliseconds since_claim{0};

  cluster::ClusterView::Sight cluster;
  bool job_vanished{false};  // it was there once
  bool pod_vanished{false};
  bool job_created{false};       // our POST succeeded, or the Job was there
  std::string refusal;           // why the API server did not take it, in its words
  bool refused_for_good{false};  // asking again would change nothing
  Span since_job_deleted;        // by us

  delivery::RunChannel::View channel;
  Span since_scheduled;                // its pod to a node, as far as this controller saw it
  base::Milliseconds first_attach{0};  // after that; before, hardly any runner is there (StartPace)
  Span since_link_change;
  Span since_delivery;
  Span since_start;
  Span since_fresh;  // the oldest output not stored
  Span since_flush;  // the last commit of output
  bool start_recorded{false};
  bool pod_recorded{false};

  int end_log_reads{0};       // log reads since the pod ended
  Span since_log_read;        // the last of any
  bool log_is_current{true};  // the log was read since the attach last opened anew
  Span since_cancel_sent;
};

struct CreateJob {};
struct Connect {};  // to the pod in the view
struct Redeliver {};
struct SendCancel {};
struct ReadLog {};
struct DeleteJob {};
struct RecordProgress {};
struct Finish {
  domain::Outcome outcome;
};
struct Interrupt {
  store::Interruption interruption;
};
using Action = std::variant<CreateJob, Connect, Redeliver, SendCancel, ReadLog, DeleteJob,
                            RecordProgress, Finish, Interrupt>;

struct Decision {
  std::vector<Action> actions;              // in this order
  std::optional<base::Milliseconds> again;  // look again after this, whatever happens
};

Decision Plan(const Observed& observed, const PlanSettings& settings);

}  // namespace oneshot::reconcile
