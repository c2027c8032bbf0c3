#pragma once

#include <string>
#include <vector>

#include "controller/reconcile/execution.h"
#include "controller/reconcile/job_marker.h"
#include "controller/reconcile/plan.h"
#include "controller/term/term.h"

namespace oneshot::reconcile {

struct ReconcilerSettings {
  PlanSettings plan;
  /// How often a run's program may have begun before it is given up.
  int max_attempts{3};
  /// How long a run may go on without its program beginning, from its first claim.
  base::Milliseconds queue_timeout{3'600'000};
  /// How long an interrupted run waits in the queue; doubled for each attempt.
  base::Milliseconds retry_pause{1'000};
};

/// Looks at one run, decides (plan.h) and does. Level-triggered: every call starts from the present
/// state. Threads: any, but one at a time for each run; the work queue sees to that.
class Reconciler {
 public:
  Reconciler(controller::Term& term, Executions& executions, ReconcilerSettings settings);

  void Reconcile(const std::string& run_id);

  /// Shows in the cluster what becomes of runs; its owner runs it.
  JobMarker& marker() { return marker_; }

 private:
  /// Brings the execution's situation up to date.
  void Observe(Execution& execution);
  /// False when the execution is over, or the next look should start anew.
  bool Apply(Execution& execution, const Action& action);

  base::Status Do(Execution& execution, const CreateJob&);
  base::Status Do(Execution& execution, const Confirm&);
  base::Status Do(Execution& execution, const Connect&);
  base::Status Do(Execution& execution, const Ask&);
  base::Status Do(Execution& execution, const AllowDelivery&);
  base::Status Do(Execution& execution, const SendCancel&);
  base::Status Do(Execution& execution, const SendStdin&);
  base::Status Do(Execution& execution, const ReadLog&);
  base::Status Do(Execution& execution, const DeleteJob&);
  base::Status Do(Execution& execution, const RecordProgress&);
  base::Status Do(Execution& execution, const Release&);
  base::Status Do(Execution& execution, const domain::Outcome& outcome);
  base::Status Do(Execution& execution, const store::Interruption& cause);

  /// What the record does not have yet.
  store::Progress ProgressOf(Execution& execution) const;
  void Forget(const Execution& execution);
  void Mark(const Execution& execution, std::string_view state,
            std::vector<kube::EventNote> events = {}, bool is_final = false);
  void ObserveDurations(const Execution& execution, base::MonotonicTime commit_began);

  controller::Term& term_;
  Executions& executions_;
  const ReconcilerSettings settings_;
  JobMarker marker_;
};

}  // namespace oneshot::reconcile
