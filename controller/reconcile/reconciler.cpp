#include "controller/reconcile/reconciler.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "core/telemetry/log.h"

namespace oneshot::reconcile {
namespace {

using base::Error;
using base::ErrorCode;
using base::Milliseconds;
using telemetry::Level;
using telemetry::Log;

// Every run is looked at every five seconds.
constexpr Milliseconds kBreak{15'000};
// Kubelets rotate logs at 10 MiB, and only the current one can be read.
constexpr std::size_t kMaxLogBytes = 16 << 20;

// What deliveries under way may hold of runs' files, besides one more for each worker; a fraction
// of the controller's memory (k8s/base/controller.yaml).
constexpr std::size_t kMaxHeldFiles = 32 << 20;
constexpr Milliseconds kHeldFilesPause{20};

const kube::EventNote kStarted{.reason = "RunStarted", .note = "The program began"};

Milliseconds FailurePause(int failures) {
  return std::min(Milliseconds(100) * (1 << std::min(failures, 8)), Milliseconds(10'000));
}

store::AttemptRef AttemptOf(const domain::Run& run) {
  return {.run_id = run.id, .attempt = run.attempt, .job_name = run.job->name};
}

}  // namespace

Reconciler::Reconciler(controller::Term& term, Executions& executions, ReconcilerSettings settings)
    : term_(term), executions_(executions), settings_(settings), marker_(term.client, term.clock) {}

void Reconciler::Reconcile(const std::string& run_id) {
  const std::shared_ptr<Execution> execution = executions_.Find(run_id);
  if (!execution) return;
  Observe(*execution);
  const Decision decision = Plan(execution->now, settings_.plan);
  for (const Action& action : decision.actions) {
    if (!Apply(*execution, action)) return;
  }
  if (decision.again) term_.queue->AddAfter(run_id, std::max(*decision.again, Milliseconds(1)));
}

void Reconciler::Observe(Execution& execution) {
  Situation& now = execution.now;
  now.time = term_.clock.Monotonic();
  if (now.Since(std::exchange(execution.observed_at, now.time)) >= kBreak)
    now.awake_since = now.time;
  now.cancel_requested = execution.cancel_requested;
  now.next_stdin = execution.next_stdin;
  now.cluster = term_.cluster.Look(execution.run.job->name);
  now.channel = execution.channel->Look();
  now.saw_job = now.saw_job || now.cluster.job;
  const auto& pod = now.cluster.pod;
  // What was gone is back: the view was older than the answer.
  if (pod) now.is_gone = false;
  const bool pod_is_new = pod && !std::exchange(now.saw_pod, true);
  if (pod) {
    domain::JobRef& job = *execution.run.job;
    job.pod = pod->meta.name;
    job.pod_uid = pod->meta.uid;
    job.node = pod->node_name;
  }
  const bool saw_its_start = !now.warm && !now.recovered;
  // A Job of the run's own was made with these labels. One that had waited says only now whose it
  // is, and a controller that died may not have come to it.
  if (pod_is_new && !saw_its_start) Mark(execution, now.start_recorded ? "running" : "starting");
  if (pod && pod->scheduled && !now.scheduled_at) now.scheduled_at = now.time;
  if (pod && pod->meta.deleting && !now.deleting_since) now.deleting_since = now.time;
  if (pod && HasEnded(*pod) && !now.ended_since) {
    now.ended_since = now.time;
    execution.channel->AddTerminationMessage(pod->container.message);
    now.channel = execution.channel->Look();
  }
  if (!saw_its_start) return;
  if (now.channel.records.ready && !now.warm && !std::exchange(execution.is_start_counted, true))
    term_.instruments.CountStart(now.channel.records.ready->snapshot);
  if (now.channel.heard_at && now.scheduled_at && !std::exchange(execution.is_pace_recorded, true))
    term_.pace.Record(now.Since(*now.scheduled_at));
  now.first_attach = term_.pace.FirstAttach();
}

bool Reconciler::Apply(Execution& execution, const Action& action) {
  const base::Status done =
      std::visit([&](const auto& each) { return Do(execution, each); }, action);
  const bool ends = std::holds_alternative<domain::Outcome>(action) ||
                    std::holds_alternative<store::Interruption>(action);
  if (done) {
    execution.failures = 0;
    return true;
  }
  const Error& error = done.error();
  const bool is_fenced = ends || std::holds_alternative<RecordProgress>(action);
  if (error.code == ErrorCode::kConflict && is_fenced) {
    // The store refused a fenced write: this attempt is not ours any more. Whoever holds it will
    // end it.
    Log(Level::kWarning, "write refused, attempt given up",
        {{"run_id", execution.run.id}, {"error", error.message}});
    Forget(execution);
    term_.end.request_stop();
    return false;
  }
  const Milliseconds pause =
      std::max(FailurePause(execution.failures++), Milliseconds(1000 * error.retry_after_seconds));
  Log(Level::kWarning, "step failed, will be tried again",
      {{"run_id", execution.run.id},
       {"step", static_cast<std::int64_t>(action.index())},
       {"error", error.message},
       {"retry_ms", pause.count()}});
  term_.queue->AddAfter(execution.run.id, pause);
  return false;
}

base::Status Reconciler::Do(Execution& execution, const CreateJob&) {
  const domain::Run& run = execution.run;
  const auto job =
      term_.client.CreateJob(term_.job_template.Render({.name = run.job->name,
                                                        .memory_mib = run.spec.limits.memory_mib,
                                                        .run_id = run.id,
                                                        .attempt = run.attempt,
                                                        .avoid_node = run.avoid_node}));
  Situation& now = execution.now;
  // The name holds our run and attempt: a Job that exists is ours, made before an answer was lost
  // or a controller died.
  if (job || job.error().code == ErrorCode::kAlreadyExists) {
    now.job_created = true;
    return {};
  }
  const Error& error = job.error();
  now.refused_for_good = error.code == ErrorCode::kInvalidArgument;
  // Quota and admission, which deny permission, may let it in later.
  if (now.refused_for_good || error.code == ErrorCode::kPermissionDenied)
    now.refusal = error.message;
  if (!now.refused_for_good) return error;
  Log(Level::kError, "the API server refuses the Job template", {{"error", error.message}});
  term_.queue->Add(execution.run.id);
  return {};
}

base::Status Reconciler::Do(Execution& execution, const Confirm&) {
  Situation& now = execution.now;
  const domain::JobRef& job = *execution.run.job;
  base::Status found;
  if (!job.pod.empty()) {
    if (const auto pod = term_.client.GetPod(job.pod); !pod) found = pod.error();
  } else if (const auto answer = term_.client.GetJob(job.name); !answer) {
    found = answer.error();
  } else if (kube::HasEnded(*answer)) {
    // It had a pod, which is not there any more, and will make no other.
    found = Error{ErrorCode::kNotFound, "the Job has ended"};
  }
  if (!found && found.error().code != ErrorCode::kNotFound) return found.error();
  if (!found) {
    now.is_gone = true;
    term_.queue->Add(execution.run.id);
  }
  return {};
}

base::Status Reconciler::Do(Execution& execution, const Connect&) {
  execution.channel->Connect(execution.now.cluster.pod->meta.name);
  return {};
}

base::Status Reconciler::Do(Execution& execution, const Ask&) {
  execution.channel->Ask();
  return {};
}

base::Status Reconciler::Do(Execution& execution, const AllowDelivery&) {
  const domain::Run& run = execution.run;
  std::vector<domain::File> files;
  if (!run.files.empty() && !execution.now.start_recorded) {
    if (executions_.held_file_bytes() > kMaxHeldFiles) {
      term_.queue->AddAfter(run.id, kHeldFilesPause);
      return {};
    }
    auto read = term_.store.ReadFiles(run.id);
    if (!read) return read.error();
    files = *std::move(read);
  }
  execution.now.delivery_allowed = true;
  execution.channel->AllowDelivery(files);
  return {};
}

base::Status Reconciler::Do(Execution& execution, const SendCancel&) {
  execution.channel->SendCancel();
  execution.now.cancel_sent_at = term_.clock.Monotonic();
  return {};
}

base::Status Reconciler::Do(Execution& execution, const SendStdin&) {
  const int from = execution.now.channel.wants_stdin_from;
  const auto pieces = term_.store.ReadStdin(execution.run.id, from);
  if (!pieces) return pieces.error();
  execution.channel->SendStdin(from, *pieces);
  return {};
}

base::Status Reconciler::Do(Execution& execution, const ReadLog&) {
  const kube::Pod& pod = *execution.now.cluster.pod;
  execution.channel->BeginLogRead();
  // A dead node's log takes as long as the call may; other nodes' runs must not wait for it.
  term_.background.Post(pod.node_name, [&client = term_.client, channel = execution.channel,
                                        pod_name = pod.meta.name] {
    channel->EndLogRead(client.ReadLog(pod_name, kMaxLogBytes));
  });
  return {};
}

base::Status Reconciler::Do(Execution& execution, const DeleteJob&) {
  const auto deleted = term_.client.DeleteJob(execution.run.job->name, "");
  if (!deleted && deleted.error().code != ErrorCode::kUnknownOutcome) return deleted.error();
  execution.now.job_deleted_at = term_.clock.Monotonic();
  return {};
}

store::Progress Reconciler::ProgressOf(Execution& execution) const {
  store::Progress progress;
  Situation& now = execution.now;
  if (const auto& pod = now.cluster.pod) {
    progress.job = {.name = "",
                    .pod = pod->meta.name,
                    .pod_uid = pod->meta.uid,
                    .node = pod->node_name,
                    .image = pod->container.image_id};
    if (progress.job.image.empty()) progress.job.image = term_.job_template.settings().image;
  }
  // A start that came since the look goes with the output that came with it.
  now.time = term_.clock.Monotonic();
  now.channel = execution.channel->Look();
  if (const auto& ready = now.channel.records.ready) {
    progress.job.snapshot = ready->snapshot;
    if (const auto& sandbox = ready->sandbox) {
      progress.job.sandbox = {.landlock = sandbox->landlock,
                              .seccomp = sandbox->seccomp,
                              .user_namespace = sandbox->user_namespace};
    }
  }
  progress.started_ago = now.Since(now.channel.started_at);
  progress.message = WhyNotBegun(now);
  progress.records = execution.channel->Unstored();
  return progress;
}

base::Status Reconciler::Do(Execution& execution, const RecordProgress&) {
  Situation& now = execution.now;
  const store::Progress progress = ProgressOf(execution);
  const auto next_seq = term_.store.RecordProgress(term_.epoch, AttemptOf(execution.run), progress);
  if (!next_seq) return next_seq.error();
  now.flushed_at = term_.clock.Monotonic();
  now.message_recorded = progress.message;
  const bool pod_is_news = !progress.job.node.empty() && !std::exchange(now.pod_recorded, true);
  if (!progress.records.empty()) execution.channel->Stored(*next_seq);
  if (progress.started_ago && !std::exchange(now.start_recorded, true)) {
    Mark(execution, "running", {kStarted});
  }
  // It may be delivered now.
  if (pod_is_news) term_.queue->Add(execution.run.id);
  term_.notifier.Notify(store::kChangesChannel, execution.run.id);
  return {};
}

base::Status Reconciler::Do(Execution& execution, const domain::Outcome& outcome) {
  const auto began = term_.clock.Monotonic();
  const store::Progress progress = ProgressOf(execution);
  const auto next_seq =
      term_.store.Finish(term_.epoch, AttemptOf(execution.run), progress, outcome);
  if (!next_seq) return next_seq.error();
  if (!progress.records.empty()) {
    execution.channel->Stored(*next_seq);
    if (*next_seq != progress.records.back().seq + 1) {
      // What follows an end, such as deleting the Job, must not be done yet.
      term_.queue->Add(execution.run.id);
      return Error{ErrorCode::kUnavailable,
                   "the store had more output than this controller knew of"};
    }
  }
  execution.channel->StoredEnd();
  execution.now.committed_at = term_.clock.Monotonic();
  execution.is_committed = true;
  term_.notifier.Notify(store::kChangesChannel, execution.run.id);
  ObserveDurations(execution, began);
  term_.instruments.finished.at(outcome.status).Add();
  if (outcome.output_incomplete) term_.instruments.incomplete.Add();
  Log(Level::kInfo, "run ended",
      {{"run_id", execution.run.id},
       {"attempt", execution.run.attempt},
       {"status", ToString(outcome.status)},
       {"reason", outcome.reason},
       {"job", execution.run.job->name}});
  std::vector<kube::EventNote> events;
  if (!execution.now.start_recorded && progress.started_ago) events.push_back(kStarted);
  events.push_back({.reason = "RunEnded",
                    .note = std::string(ToString(outcome.status)) + ": " + outcome.reason,
                    .warning = outcome.status != domain::RunStatus::kSucceeded});
  Mark(execution, ToString(outcome.status), std::move(events), /*is_final=*/true);
  term_.on_place();
  term_.queue->Add(execution.run.id);
  return {};
}

base::Status Reconciler::Do(Execution& execution, const Release&) {
  Forget(execution);
  return {};
}

base::Status Reconciler::Do(Execution& execution, const store::Interruption& cause) {
  store::Interruption interruption = cause;
  if (!interruption.may_have_begun) {
    // The request may have been written since the look, or be written during the commit. A runner
    // that ended without a run never read it.
    const bool was_written = !execution.channel->RevokeDelivery();
    execution.now.channel = execution.channel->Look();
    if (was_written && MayHaveBegun(execution.now)) {
      term_.queue->Add(execution.run.id);
      return Error{ErrorCode::kUnavailable, "the program may have begun meanwhile"};
    }
    execution.now.delivery_allowed = false;
  }
  interruption.retry_after = settings_.retry_pause * (1 << std::min(execution.run.attempt - 1, 6));
  if (interruption.node.empty()) interruption.node = execution.run.job->node;
  const auto status = term_.store.Interrupt(
      term_.epoch, AttemptOf(execution.run), interruption,
      {.max_attempts = settings_.max_attempts, .queue_timeout = settings_.queue_timeout});
  if (!status) return status.error();
  if (interruption.may_have_begun) term_.instruments.interrupted.Add();
  if (IsTerminal(*status)) term_.instruments.finished.at(*status).Add();
  Log(Level::kWarning,
      interruption.may_have_begun ? "attempt interrupted" : "the run could not be started",
      {{"run_id", execution.run.id},
       {"attempt", execution.run.attempt},
       {"reason", interruption.reason},
       {"detail", interruption.message},
       {"status", ToString(*status)}});
  Mark(execution, IsTerminal(*status) ? ToString(*status) : "interrupted",
       {{.reason = interruption.may_have_begun ? "RunInterrupted" : "RunNotStarted",
         .note = interruption.reason,
         .warning = true}});
  term_.notifier.Notify(store::kChangesChannel, execution.run.id);
  Forget(execution);
  term_.on_place();
  return {};
}

void Reconciler::Forget(const Execution& execution) { executions_.Remove(execution); }

void Reconciler::Mark(const Execution& execution, std::string_view state,
                      std::vector<kube::EventNote> events, bool is_final) {
  const auto& pod = execution.now.cluster.pod;
  JobMark mark{.run_id = execution.run.id,
               .attempt = execution.run.attempt,
               .state = std::string(state),
               .pod_name = pod ? pod->meta.name : std::string(),
               .events = std::move(events)};
  if (is_final) mark.ttl_seconds = term_.job_template.settings().ttl_seconds;
  marker_.Mark(execution.run.job->name, std::move(mark));
}

void Reconciler::ObserveDurations(const Execution& execution, base::MonotonicTime commit_began) {
  const auto seconds = [](auto span) { return std::chrono::duration<double>(span).count(); };
  const auto now = term_.clock.Monotonic();
  const domain::Run& run = execution.run;
  term_.instruments.commit.ObserveSeconds(seconds(now - commit_began));
  term_.instruments.total.ObserveSeconds(seconds(term_.clock.Wall() - run.created_at));
  if (run.claimed_at)
    term_.instruments.queued.ObserveSeconds(seconds(*run.claimed_at - run.created_at));
  const auto& started_at = execution.now.channel.started_at;
  if (!started_at) return;
  term_.instruments.startup.ObserveSeconds(seconds(*started_at - execution.now.claimed_at));
  term_.instruments.execution.ObserveSeconds(seconds(commit_began - *started_at));
}

}  // namespace oneshot::reconcile
