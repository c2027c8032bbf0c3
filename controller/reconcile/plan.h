#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "controller/cluster/cluster_view.h"
#include "controller/delivery/link_plan.h"
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
  /// How long the runner keeps a result that nobody stores, and so how long it may be out of reach
  /// before the result is lost.
  base::Milliseconds result_hold{600'000};
  /// How long the runner may take to obey a cancellation before the Job is deleted.
  base::Milliseconds cancel_patience{3'000};
  /// How long a pod that is being deleted may go without a word from its runner.
  base::Milliseconds deletion_patience{10'000};
  /// How long the runner may take to leave once its result is stored.
  base::Milliseconds leaving_patience{30'000};
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
  /// Since when it has been observed without a break. A controller that stood still finds that much
  /// time has passed before it reads what came meanwhile.
  base::MonotonicTime awake_since{};
  bool cancel_requested{false};
  cluster::ClusterView::Sight cluster;
  delivery::RunChannel::View channel;
  /// How long after scheduled_at the first attach is tried; hardly any runner is ready earlier.
  base::Milliseconds first_attach{0};

  // Since the claim; these never change.
  /// Its Job waited before the run came.
  bool warm{false};
  /// Claimed by an earlier controller, or by this one without hearing the answer.
  bool recovered{false};
  /// That controller may have delivered it.
  bool may_have_been_delivered{false};
  base::Milliseconds wall_limit{10'000};
  base::MonotonicTime claimed_at{};

  bool saw_job{false};
  bool saw_pod{false};
  /// The Job or pod that vanished from the view is gone from the API server too.
  bool is_gone{false};
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
  /// When its pod was first seen to be deleted.
  Moment deleting_since;
  /// When its pod was first seen ended.
  Moment ended_since;
  /// When output was last committed.
  Moment flushed_at;
  bool start_recorded{false};
  /// The store knows the pod. A run that makes its own Job is delivered only then, so that a
  /// controller that finds no pod in the store knows that the program has not begun.
  bool pod_recorded{false};
  bool delivery_allowed{false};
  /// Number of the piece of input that the store will get next.
  int next_stdin{0};
  Moment cancel_sent_at;
  /// Why the program has not begun, as the store knows it.
  std::string message_recorded;
  /// When the end was committed.
  Moment committed_at;

  base::Milliseconds Since(base::MonotonicTime moment) const {
    return base::Milliseconds(base::MillisecondsBetween(moment, time));
  }
  std::optional<base::Milliseconds> Since(const Moment& moment) const {
    return moment ? std::optional(Since(*moment)) : std::nullopt;
  }
};

struct CreateJob {};
/// Ask the API server itself whether what the view lacks is gone.
struct Confirm {};
/// Attach to the pod in the view.
struct Connect {};
struct Ask {};
struct AllowDelivery {};
struct SendCancel {};
/// Send the input that the runner does not have.
struct SendStdin {};
struct ReadLog {};
struct DeleteJob {};
struct RecordProgress {};
/// The run has ended and its runner has left: nothing is to be done any more.
struct Release {};
/// The last two end the attempt.
using Action =
    std::variant<CreateJob, Confirm, Connect, Ask, AllowDelivery, SendCancel, SendStdin, ReadLog,
                 DeleteJob, RecordProgress, Release, domain::Outcome, store::Interruption>;

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

/// Why the program has not begun, for the user; empty while there is nothing to tell.
std::string WhyNotBegun(const Situation& now);

/// The program may have begun, as far as this controller can know. What it may not have, is
/// repeated at no cost (ADR 20).
bool MayHaveBegun(const Situation& now);

}  // namespace oneshot::reconcile
