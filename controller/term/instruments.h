#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "core/domain/run_status.h"
#include "core/telemetry/metrics.h"

namespace oneshot::controller {

/// One counter for each status in which a run ends.
inline std::map<domain::RunStatus, telemetry::Counter> MakeFinished(telemetry::Metrics& metrics) {
  std::map<domain::RunStatus, telemetry::Counter> finished;
  for (const domain::RunStatus status : domain::kAllRunStatuses) {
    if (!IsTerminal(status)) continue;
    finished.emplace(
        status, metrics.MakeCounter("oneshot_runs_finished_total", "Runs that ended, by status",
                                    {{"status", std::string(ToString(status))}}));
  }
  return finished;
}

/// One counter for each way in which a pod's Python became ready, as its runner says
/// (protocol::Ready::snapshot): "none" where the image has no snapshot.
inline std::map<std::string, telemetry::Counter, std::less<>> MakeSnapshotStarts(
    telemetry::Metrics& metrics) {
  std::map<std::string, telemetry::Counter, std::less<>> starts;
  for (const char* result : {"restored", "refused", "crashed", "none"}) {
    starts.emplace(result, metrics.MakeCounter("oneshot_snapshot_starts_total",
                                               "Pods that became ready, by use of the snapshot",
                                               {{"result", result}}));
  }
  return starts;
}

/// The controller's metrics; made once, because their series outlive a term.
struct Instruments {
  telemetry::Metrics& metrics;

  telemetry::Gauge leading{
      metrics.MakeGauge("oneshot_controller_leading", "Does this replica lead")};
  telemetry::Gauge active{
      metrics.MakeGauge("oneshot_runs_active", "Runs that are starting or running")};
  telemetry::Gauge waiting{metrics.MakeGauge("oneshot_runs_queued", "Runs that wait in the queue")};
  telemetry::Gauge stored_bytes{metrics.MakeGauge(
      "oneshot_stored_bytes", "Bytes that finished runs and keys occupy in the database")};
  telemetry::Counter claims_warm{
      metrics.MakeCounter("oneshot_claims_total", "Runs claimed", {{"job", "warm"}})};
  telemetry::Counter claims_cold{
      metrics.MakeCounter("oneshot_claims_total", "Runs claimed", {{"job", "cold"}})};

  std::map<domain::RunStatus, telemetry::Counter> finished{MakeFinished(metrics)};
  telemetry::Counter interrupted{metrics.MakeCounter("oneshot_attempts_interrupted_total",
                                                     "Attempts that infrastructure ended")};
  telemetry::Counter incomplete{
      metrics.MakeCounter("oneshot_runs_output_incomplete_total", "Runs of which output was lost")};
  telemetry::Histogram queued{
      metrics.MakeHistogram("oneshot_run_queued_seconds", "Submission to claim")};
  telemetry::Histogram startup{
      metrics.MakeHistogram("oneshot_run_startup_seconds", "Claim to the program's start")};
  telemetry::Histogram execution{metrics.MakeHistogram(
      "oneshot_run_execution_seconds", "The program's start to its end record's arrival")};
  telemetry::Histogram commit{
      metrics.MakeHistogram("oneshot_run_commit_seconds", "Commit of the end and the last output")};
  telemetry::Histogram total{
      metrics.MakeHistogram("oneshot_run_total_seconds", "Submission to the committed end")};

  std::map<std::string, telemetry::Counter, std::less<>> snapshot_starts{
      MakeSnapshotStarts(metrics)};
  /// Once for each pod; `snapshot` is what its runner says, up to a colon.
  void CountStart(std::string_view snapshot) {
    const auto found = snapshot_starts.find(snapshot.substr(0, snapshot.find(':')));
    (found == snapshot_starts.end() ? snapshot_starts.at("none") : found->second).Add();
  }

  telemetry::Gauge pool_ready{metrics.MakeGauge("oneshot_pool_ready", "Jobs that wait for a run")};
  telemetry::Gauge pool_starting{
      metrics.MakeGauge("oneshot_pool_starting", "Jobs that will wait soon")};
  telemetry::Gauge pool_target{metrics.MakeGauge("oneshot_pool_target", "Jobs that should wait")};
  telemetry::Counter pool_created{
      metrics.MakeCounter("oneshot_pool_created_total", "Waiting Jobs created")};
  telemetry::Counter pool_lost{
      metrics.MakeCounter("oneshot_pool_lost_total", "Waiting Jobs that ended without a run")};
  telemetry::Histogram pool_refill{
      metrics.MakeHistogram("oneshot_pool_refill_seconds", "Creating a Job until it waits")};
};

}  // namespace oneshot::controller
