#include "controller/leader_term.h"

#include <thread>
#include <vector>

#include "controller/manifest/names.h"
#include "core/base/thread.h"
#include "core/telemetry/log.h"

namespace oneshot::controller {

using telemetry::Level;
using telemetry::Log;

Instruments::Instruments(telemetry::Metrics& metrics)
    : runs(metrics),
      pool(metrics),
      claims(metrics),
      active(metrics.MakeGauge("oneshot_runs_active", "Runs that are starting or running")),
      leading(metrics.MakeGauge("oneshot_controller_leading", "Does this replica lead")) {}

LeaderTerm::LeaderTerm(Parts parts, std::int64_t epoch)
    : parts_(parts),
      epoch_(epoch),
      marker_(parts.client),
      reconciler_({.store = parts.store,
                   .notifier = parts.notifier,
                   .client = parts.client,
                   .cluster = parts.cluster,
                   .job_template = parts.job_template,
                   .queue = queue_,
                   .executions = executions_,
                   .marker = marker_,
                   .metrics = parts.instruments.runs,
                   .clock = parts.clock,
                   .on_run_ended = [this] { dispatcher_.Wake(); },
                   .on_fenced = [this] { end_.request_stop(); }},
                  epoch, parts.options.reconcile),
      pool_({.store = parts.store,
             .client = parts.client,
             .attacher = parts.attacher,
             .cluster = parts.cluster,
             .job_template = parts.job_template,
             .queue = queue_,
             .metrics = parts.instruments.pool,
             .clock = parts.clock,
             .on_ready = [this] { dispatcher_.Wake(); }},
            parts.options.pool),
      dispatcher_({.options = parts.options,
                   .store = parts.store,
                   .attacher = parts.attacher,
                   .queue = queue_,
                   .executions = executions_,
                   .pool = pool_,
                   .metrics = parts.instruments.claims,
                   .clock = parts.clock,
                   .on_claimed = [this] { sweeper_.Wake(); },
                   .on_epoch_over = [this] { end_.request_stop(); }},
                  epoch),
      sweeper_({.options = parts.options,
                .store = parts.store,
                .client = parts.client,
                .cluster = parts.cluster,
                .queue = queue_,
                .executions = executions_,
                .pool = pool_,
                .dispatcher = dispatcher_,
                .active = parts.instruments.active,
                .clock = parts.clock},
               epoch) {
  parts_.cluster.SetListener([this](const std::string& job_name) { OnJob(job_name); });
}

LeaderTerm::~LeaderTerm() { parts_.cluster.SetListener({}); }

base::Result<std::unique_ptr<LeaderTerm>> LeaderTerm::Begin(Parts parts) {
  const auto epoch = parts.store.TakeEpoch(parts.options.identity);
  if (!epoch) return epoch.error();
  std::unique_ptr<LeaderTerm> term(new LeaderTerm(parts, *epoch));
  if (auto adopted = term->dispatcher_.Adopt(); !adopted) return adopted.error();
  if (auto adopted = term->pool_.Adopt(); !adopted) return adopted.error();
  return term;
}

void LeaderTerm::Run(std::stop_token stop) {
  const std::stop_callback on_stop(stop, [this] { end_.request_stop(); });
  const std::stop_token end = end_.get_token();
  Log(Level::kInfo, "leading", {{"epoch", epoch_}, {"identity", parts_.options.identity}});
  parts_.instruments.leading.Set(1);
  {
    std::vector<std::jthread> threads;
    threads.push_back(
        base::StartThread("dispatch", [this, end](std::stop_token) { dispatcher_.Run(end); }));
    for (int i = 0; i < parts_.options.workers; ++i) {
      threads.push_back(base::StartThread("work-" + std::to_string(i),
                                          [this, end](std::stop_token) { Work(end); }));
    }
    sweeper_.Run(end);
  }
  parts_.instruments.leading.Set(0);
  Log(Level::kInfo, "no longer leading", {{"epoch", epoch_}});
}

void LeaderTerm::OnJob(const std::string& job_name) {
  const std::string run_id = executions_.RunOfJob(job_name);
  if (!run_id.empty()) {
    queue_.Add(run_id);
  } else if (pool_.Owns(job_name)) {
    queue_.Add(job_name);
  }
}

void LeaderTerm::OnQueue() {
  dispatcher_.Wake();
  sweeper_.Wake();
}

void LeaderTerm::Work(std::stop_token stop) {
  while (auto key = queue_.Take(stop)) {
    if (manifest::IsWarmJobName(*key)) {
      pool_.Reconcile(*key);
    } else {
      reconciler_.Reconcile(*key);
    }
    queue_.Done(*key);
  }
}

}  // namespace oneshot::controller
