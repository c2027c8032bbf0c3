#include "controller/reconcile/reconciler.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "controller/manifest/preload.h"
#include "core/telemetry/log.h"

namespace oneshot::reconcile {
namespace {

using base::Error;
using base::ErrorCode;
using base::Milliseconds;
using telemetry::Level;
using telemetry::Log;

// A log holds the kept output as JSON, at worst six bytes for one, and little else.
constexpr std::size_t kMaxLogBytes = 128 << 20;

const JobMark::Note kStarted{"RunStarted", "The program began"};

Milliseconds FailurePause(int failures) {
  return std::min(Milliseconds(100) * (1 << std::min(failures, 8)), Milliseconds(10'000));
}

}  // namespace

RunMetrics::RunMetrics(telemetry::Metrics& metrics)
    : interrupted(metrics.MakeCounter("oneshot_attempts_interrupted_total",
                                      "Attempts that infrastructure ended")),
      incomplete(metrics.MakeCounter("oneshot_runs_output_incomplete_total",
                                     "Runs of which output was lost")),
      queued(metrics.MakeHistogram("oneshot_run_queued_seconds", "Submission to claim")),
      startup(metrics.MakeHistogram("oneshot_run_startup_seconds", "Claim to the program's start")),
      execution(metrics.MakeHistogram("oneshot_run_execution_seconds",
                                      "The program's start to its end record's arrival")),
      commit(metrics.MakeHistogram("oneshot_run_commit_seconds",
                                   "Commit of the end and the last output")),
      total(metrics.MakeHistogram("oneshot_run_total_seconds", "Submission to the committed end")) {
  for (const domain::RunStatus status : domain::kAllRunStatuses) {
    if (!IsTerminal(status)) continue;
    finished.emplace(
        status, metrics.MakeCounter("oneshot_runs_finished_total", "Runs that ended, by status",
                                    {{"status", std::string(ToString(status))}}));
  }
}

Reconciler::Reconciler(Parts parts, std::int64_t epoch, ReconcilerSettings settings)
    : parts_(std::move(parts)), epoch_(epoch), settings_(settings) {}

void Reconciler::Reconcile(const std::string& run_id) {
  const std::shared_ptr<Execution> execution = parts_.executions.Find(run_id);
  if (!execution) return;
  const Decision decision = Plan(Observe(*execution), settings_.plan);
  for (const Action& action : decision.actions) {
    if (!Apply(*execution, action)) return;
  }
  if (decision.again) parts_.queue.AddAfter(run_id, std::max(*decision.again, Milliseconds(1)));
}

Observed Reconciler::Observe(Execution& execution) {
  const auto now = parts_.clock.Monotonic();
  const auto since = [now](const std::optional<base::MonotonicTime>& moment) -> Observed::Span {
    if (!moment) return std::nullopt;
    return Milliseconds(base::MillisecondsBetween(*moment, now));
  };
  Observed observed;
  observed.warm = execution.warm;
  observed.recovered = execution.recovered;
  observed.cancel_requested = execution.cancel_requested;
  observed.wall_limit = Milliseconds(execution.run.spec.limits.wall_ms);
  observed.since_claim = *since(execution.claimed_at);
  observed.cluster = parts_.cluster.Look(execution.run.job->name);
  execution.saw_job = execution.saw_job || observed.cluster.job;
  const bool pod_is_new = observed.cluster.pod && !std::exchange(execution.saw_pod, true);
  // A Job of the run's own was made with these labels. One that had waited says only now whose it
  // is, and a controller that died may not have come to it.
  if (pod_is_new && (execution.warm || execution.recovered))
    Mark(execution, execution.start_recorded ? "running" : "starting");
  // A program that began before our time had a Job and a pod; making the Job anew would mix two
  // executions.
  const bool had_begun = execution.recovered && execution.start_recorded;
  observed.job_vanished = (execution.saw_job || had_begun) && !observed.cluster.job;
  observed.pod_vanished = (execution.saw_pod || had_begun) && !observed.cluster.pod;
  observed.job_created = execution.job_created;
  observed.refusal = execution.refusal;
  observed.refused_for_good = execution.refused_for_good;
  observed.since_job_deleted = since(execution.job_deleted_at);
  observed.channel = execution.channel->Look();
  const delivery::RunChannel::View& channel = observed.channel;
  if (observed.cluster.pod && observed.cluster.pod->scheduled && !execution.scheduled_at)
    execution.scheduled_at = now;
  observed.since_scheduled = since(execution.scheduled_at);
  const bool saw_its_start = !execution.warm && !execution.recovered;
  if (saw_its_start && channel.heard && observed.since_scheduled &&
      !std::exchange(execution.is_pace_recorded, true)) {
    pace_.Record(*observed.since_scheduled);
  }
  if (saw_its_start) observed.first_attach = pace_.FirstAttach();
  if (channel.link != delivery::RunChannel::Link::kNone)
    observed.since_link_change = since(channel.link_changed);
  observed.since_delivery = since(channel.delivered_at);
  observed.since_start = since(channel.started_at);
  observed.since_fresh = since(channel.fresh_since);
  observed.since_flush = since(execution.flushed_at);
  observed.start_recorded = execution.start_recorded;
  observed.pod_recorded = execution.pod_recorded;
  observed.end_log_reads = execution.end_log_reads;
  observed.since_log_read = since(execution.log_read_at);
  // Where nothing was heard before the present link, nothing can have been lost.
  observed.log_is_current = execution.log_read_opens >= channel.opens ||
                            (!execution.recovered && channel.heard_before == 0);
  observed.since_cancel_sent = since(execution.cancel_sent_at);
  return observed;
}

bool Reconciler::Apply(Execution& execution, const Action& action) {
  const base::Status done =
      std::visit([&](const auto& each) { return Do(execution, each); }, action);
  const bool ends =
      std::holds_alternative<Finish>(action) || std::holds_alternative<Interrupt>(action);
  if (done) {
    execution.failures = 0;
    return true;
  }
  const Error& error = done.error();
  if (error.code == ErrorCode::kConflict &&
      (ends || std::holds_alternative<RecordProgress>(action))) {
    // The store refused a fenced write: this attempt is not ours any more. Whoever holds it will
    // end it.
    Log(Level::kWarning, "write refused, attempt given up",
        {{"run_id", execution.run.id}, {"error", error.message}});
    Forget(execution);
    parts_.on_fenced();
    return false;
  }
  const Milliseconds pause =
      std::max(FailurePause(execution.failures++), Milliseconds(1000 * error.retry_after_seconds));
  Log(Level::kWarning, "step failed, will be tried again",
      {{"run_id", execution.run.id},
       {"step", static_cast<std::int64_t>(action.index())},
       {"error", error.message},
       {"retry_ms", pause.count()}});
  parts_.queue.AddAfter(execution.run.id, pause);
  return false;
}

base::Status Reconciler::Do(Execution& execution, const CreateJob&) {
  const domain::Run& run = execution.run;
  const auto job = parts_.client.CreateJob(
      parts_.job_template.Render({.name = run.job->name,
                                  .memory_mib = run.spec.limits.memory_mib,
                                  .run_id = run.id,
                                  .attempt = run.attempt,
                                  .preload = manifest::ImportedAmong(
                                      parts_.job_template.settings().preload, run.spec.source)}));
  if (!job && job.error().code == ErrorCode::kAlreadyExists) {
    // The name holds our run and attempt: it is ours, made before an answer was lost or a
    // controller died.
    execution.job_created = true;
    return {};
  }
  if (!job && job.error().code == ErrorCode::kInvalidArgument) {
    Log(Level::kError, "the API server refuses the Job template", {{"error", job.error().message}});
    execution.refused_for_good = true;
    execution.refusal = job.error().message;
    parts_.queue.Add(execution.run.id);
    return {};
  }
  if (!job) {
    // Quota and admission may let it in later.
    if (job.error().code == ErrorCode::kPermissionDenied) execution.refusal = job.error().message;
    return job.error();
  }
  execution.job_created = true;
  return {};
}

base::Status Reconciler::Do(Execution& execution, const Connect&) {
  const auto sight = parts_.cluster.Look(execution.run.job->name);
  if (sight.pod) execution.channel->Connect(sight.pod->meta.name);
  return {};
}

base::Status Reconciler::Do(Execution& execution, const Redeliver&) {
  execution.channel->Redeliver();
  return {};
}

base::Status Reconciler::Do(Execution& execution, const SendCancel&) {
  execution.channel->SendCancel();
  execution.cancel_sent_at = parts_.clock.Monotonic();
  return {};
}

base::Status Reconciler::Do(Execution& execution, const ReadLog&) {
  const auto sight = parts_.cluster.Look(execution.run.job->name);
  if (!sight.pod) return {};
  const bool ended = sight.pod->container.kind == kube::ContainerState::Kind::kTerminated;
  const int opens = execution.channel->Look().opens;
  execution.log_read_at = parts_.clock.Monotonic();
  if (ended) ++execution.end_log_reads;
  const auto log = parts_.client.ReadLog(sight.pod->meta.name, kMaxLogBytes);
  if (!log) {
    // A log that is not there is no obstacle after the end: the status decides then.
    if (ended) return {};
    return log.error();
  }
  execution.log_read_opens = opens;
  execution.channel->AddLog(*log);
  parts_.queue.Add(execution.run.id);
  return {};
}

base::Status Reconciler::Do(Execution& execution, const DeleteJob&) {
  const auto deleted = parts_.client.DeleteJob(execution.run.job->name, "");
  if (!deleted && deleted.error().code != ErrorCode::kUnknownOutcome) return deleted.error();
  execution.job_deleted_at = parts_.clock.Monotonic();
  return {};
}

store::RunStore::Progress Reconciler::TakeProgress(Execution& execution) const {
  store::RunStore::Progress progress;
  const auto sight = parts_.cluster.Look(execution.run.job->name);
  if (sight.pod) {
    progress.job = {.name = "",
                    .pod = sight.pod->meta.name,
                    .pod_uid = sight.pod->meta.uid,
                    .node = sight.pod->node_name,
                    .image = sight.pod->container.image_id};
    if (progress.job.image.empty()) progress.job.image = parts_.job_template.settings().image;
  }
  const auto view = execution.channel->Look();
  if (view.started_at) {
    const Milliseconds ago(base::MillisecondsBetween(*view.started_at, parts_.clock.Monotonic()));
    if (!execution.run.started_at) execution.run.started_at = parts_.clock.Wall() - ago;
    progress.started_at = execution.run.started_at;
  }
  progress.records = execution.channel->TakeFresh();
  return progress;
}

base::Status Reconciler::Do(Execution& execution, const RecordProgress&) {
  auto progress = TakeProgress(execution);
  const auto recorded =
      parts_.store.RecordProgress(epoch_, execution.run.id, execution.run.attempt, progress);
  if (!recorded) {
    execution.channel->PutBack(std::move(progress.records));
    return recorded.error();
  }
  execution.flushed_at = parts_.clock.Monotonic();
  execution.pod_recorded = execution.pod_recorded || !progress.job.node.empty();
  if (progress.started_at && !execution.start_recorded) {
    execution.start_recorded = true;
    Mark(execution, "running", {kStarted});
  }
  parts_.notifier.Notify(store::kChangesChannel, execution.run.id);
  return {};
}

base::Status Reconciler::Do(Execution& execution, const Finish& action) {
  const auto began = parts_.clock.Monotonic();
  auto progress = TakeProgress(execution);
  const domain::Outcome& outcome = action.outcome;
  const auto finished = parts_.store.Finish(epoch_, execution.run.id, execution.run.attempt,
                                            progress, outcome, parts_.clock.Wall());
  if (!finished) {
    execution.channel->PutBack(std::move(progress.records));
    return finished.error();
  }
  parts_.notifier.Notify(store::kChangesChannel, execution.run.id);
  ObserveDurations(execution, began);
  parts_.metrics.finished.at(outcome.status).Add();
  if (outcome.output_incomplete) parts_.metrics.incomplete.Add();
  Log(Level::kInfo, "run ended",
      {{"run_id", execution.run.id},
       {"attempt", execution.run.attempt},
       {"status", ToString(outcome.status)},
       {"reason", outcome.reason},
       {"job", execution.run.job->name}});
  const bool warning = outcome.status != domain::RunStatus::kSucceeded;
  if (!execution.start_recorded && execution.channel->Look().started) {
    Mark(execution, "running", {kStarted});
  }
  Mark(execution, ToString(outcome.status),
       {{"RunEnded", std::string(ToString(outcome.status)) + ": " + outcome.reason, warning}});
  // The Job stays for kubectl until its time to live is over; a cancelled one that never began has
  // nothing to show.
  Forget(execution);
  return {};
}

base::Status Reconciler::Do(Execution& execution, const Interrupt& action) {
  store::Interruption interruption = action.interruption;
  interruption.retry_after = settings_.retry_pause * (1 << std::min(execution.run.attempt - 1, 6));
  const auto status =
      parts_.store.Interrupt(epoch_, execution.run.id, execution.run.attempt, interruption,
                             settings_.max_attempts, parts_.clock.Wall());
  if (!status) return status.error();
  parts_.metrics.interrupted.Add();
  if (IsTerminal(*status)) parts_.metrics.finished.at(*status).Add();
  Log(Level::kWarning, "attempt interrupted",
      {{"run_id", execution.run.id},
       {"attempt", execution.run.attempt},
       {"reason", interruption.reason},
       {"detail", interruption.message},
       {"status", ToString(*status)}});
  Mark(execution, IsTerminal(*status) ? ToString(*status) : "interrupted",
       {{"RunInterrupted", interruption.reason, /*warning=*/true}});
  parts_.notifier.Notify(store::kChangesChannel, execution.run.id);
  Forget(execution);
  return {};
}

void Reconciler::Forget(const Execution& execution) {
  parts_.executions.Remove(execution.run.id);
  parts_.on_run_ended();
}

void Reconciler::Mark(const Execution& execution, std::string_view state,
                      std::vector<JobMark::Note> notes) {
  const auto sight = parts_.cluster.Look(execution.run.job->name);
  parts_.marker.Mark(execution.run.job->name,
                     {.run_id = execution.run.id,
                      .attempt = execution.run.attempt,
                      .state = std::string(state),
                      .pod_name = sight.pod ? sight.pod->meta.name : std::string(),
                      .notes = std::move(notes)});
}

void Reconciler::ObserveDurations(const Execution& execution, base::MonotonicTime commit_began) {
  const auto seconds = [](auto span) { return std::chrono::duration<double>(span).count(); };
  const auto now = parts_.clock.Monotonic();
  const domain::Run& run = execution.run;
  parts_.metrics.commit.ObserveSeconds(seconds(now - commit_began));
  parts_.metrics.total.ObserveSeconds(seconds(parts_.clock.Wall() - run.created_at));
  if (run.claimed_at)
    parts_.metrics.queued.ObserveSeconds(seconds(*run.claimed_at - run.created_at));
  const auto view = execution.channel->Look();
  if (!view.started_at) return;
  parts_.metrics.startup.ObserveSeconds(seconds(*view.started_at - execution.claimed_at));
  parts_.metrics.execution.ObserveSeconds(seconds(commit_began - *view.started_at));
}

}  // namespace oneshot::reconcile
