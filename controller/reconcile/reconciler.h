#pragma once

#include <functional>
#include <memory>
#include <string>

#include "controller/cluster/cluster_view.h"
#include "controller/kube/client.h"
#include "controller/manifest/job_template.h"
#include "controller/queue/work_queue.h"
#include "controller/reconcile/execution.h"
#include "controller/reconcile/job_marker.h"
#include "controller/reconcile/plan.h"
#include "controller/reconcile/start_pace.h"
#include "core/store/notifications.h"
#include "core/store/run_store.h"
#include "core/telemetry/metrics.h"

namespace oneshot::reconcile {

struct ReconcilerSettings {
  PlanSettings plan;
  int max_attempts{3};
  base::Milliseconds retry_pause{1'000};  // doubled for each attempt
};

struct RunMetrics {
  explicit RunMetrics(telemetry::Metrics& metrics);
  std::map<domain::RunStatus, telemetry::Counter> finished;
  telemetry::Counter interrupted;
  telemetry::Counter incomplete;
  telemetry::Histogram queued;     // submission to claim
  telemetry::Histogram startup;    // claim to program start
  telemetry::Histogram execution;  // program start to its end, as the controller saw it
  telemetry::Histogram commit;     // the end record's commit
  telemetry::Histogram total;      // submission to the committed end
};

/// Looks at one run, decides (plan.h) and does. Level-triggered: every call starts from the present
/// state. Threads: any, but one at a time for each run; the work queue sees to that.
class Reconciler {
 public:
  struct Parts {
    store::RunStore& store;
    store::Notifier& notifier;
    kube::Client& client;
    cluster::ClusterView& cluster;
    const manifest::JobTemplate& job_template;
    queue::WorkQueue& queue;
    Executions& executions;
    JobMarker& marker;
    RunMetrics& metrics;
    const base::Clock& clock;
    std::function<void()> on_run_ended;  // a place is free
    std::function<void()> on_fenced;     // another controller leads
  };
  Reconciler(Parts parts, std::int64_t epoch, ReconcilerSettings settings);

  void Reconcile(const std::string& run_id);

 private:
  /// Brings the execution's situation up to date.
  void Observe(Execution& execution);
  /// False when the execution is over, or the next look should start anew.
  bool Apply(Execution& execution, const Action& action);

  base::Status Do(Execution& execution, const CreateJob&);
  base::Status Do(Execution& execution, const Connect&);
  base::Status Do(Execution& execution, const Redeliver&);
  base::Status Do(Execution& execution, const SendCancel&);
  base::Status Do(Execution& execution, const ReadLog&);
  base::Status Do(Execution& execution, const DeleteJob&);
  base::Status Do(Execution& execution, const RecordProgress&);
  base::Status Do(Execution& execution, const domain::Outcome& outcome);
  base::Status Do(Execution& execution, const store::Interruption& cause);

  /// What the record does not have yet.
  store::RunStore::Progress TakeProgress(Execution& execution) const;
  void Forget(const Execution& execution);
  void Mark(const Execution& execution, std::string_view state,
            std::vector<JobMark::Note> notes = {});
  void ObserveDurations(const Execution& execution, base::MonotonicTime commit_began);

  Parts parts_;
  const std::int64_t epoch_;
  const ReconcilerSettings settings_;
  StartPace pace_;
};

}  // namespace oneshot::reconcile
