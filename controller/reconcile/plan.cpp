#include "controller/reconcile/plan.h"

#include <algorithm>

#include "core/protocol/codec.h"

namespace oneshot::reconcile {
namespace {

using base::Milliseconds;
using delivery::RunChannel;
using kube::ContainerState;

// The kubelet may report the end before the log's last bytes are readable.
constexpr int kEndLogReads = 3;
constexpr Milliseconds kEndLogPauses[kEndLogReads] = {Milliseconds(0), Milliseconds(200),
                                                      Milliseconds(1000)};
constexpr Milliseconds kGapLogPause{500};
constexpr Milliseconds kDeletionPatience{30'000};

Decision End(Verdict verdict, bool job_may_live) {
  Decision decision;
  const bool interrupted = std::holds_alternative<store::Interruption>(verdict);
  std::visit([&decision](auto& each) { decision.Do(std::move(each)); }, verdict);
  // An interrupted attempt's Job is of no more use, and its pod may still be working.
  if (interrupted && job_may_live) decision.Do(DeleteJob{});
  return decision;
}

domain::Outcome Cancelled(const Situation& now) {
  return {.status = domain::RunStatus::kCancelled,
          .reason = "cancelled",
          .output_incomplete = now.channel.started_at.has_value()};
}

/// The termination message repeats the end record, for when the log is gone.
std::optional<protocol::Finished> FinishedInStatus(const std::optional<kube::Pod>& pod) {
  if (!pod || pod->container.kind != ContainerState::Kind::kTerminated) return std::nullopt;
  auto record = protocol::DecodeRecord(pod->container.message);
  if (!record) return std::nullopt;
  auto* finished = std::get_if<protocol::Finished>(&*record);
  if (finished == nullptr || finished->run_id.empty()) return std::nullopt;
  return std::move(*finished);
}

/// The pod ended or is gone, and no complete record of its end came by the attach.
Decision AfterTheEnd(const Situation& now, bool pod_is_there) {
  if (pod_is_there && now.end_log_reads < kEndLogReads) {
    const Milliseconds pause = kEndLogPauses[now.end_log_reads];
    const Milliseconds waited =
        now.end_log_reads == 0 ? pause : now.Since(now.log_read_at).value_or(pause);
    Decision decision;
    if (waited >= pause) return decision.Do(ReadLog{}).Again(Milliseconds(0));
    return decision.Again(pause - waited);
  }
  auto finished = now.channel.records.finished;
  if (!finished) finished = FinishedInStatus(now.cluster.pod);
  if (finished) {
    Verdict verdict = ClassifyFinished(*finished, now.cancel_requested);
    if (auto* outcome = std::get_if<domain::Outcome>(&verdict)) outcome->output_incomplete = true;
    return End(std::move(verdict), pod_is_there);
  }
  if (now.cancel_requested) return End(Cancelled(now), pod_is_there);
  if (now.cluster.pod) return End(ClassifyPod(*now.cluster.pod), /*job_may_live=*/true);
  return End(store::Interruption{.reason = "pod_lost",
                                 .message = "the pod is gone without a trace of its end"},
             /*job_may_live=*/true);
}

void KeepCancelling(const Situation& now, const PlanSettings& settings, Decision& decision) {
  const auto since_deleted = now.Since(now.job_deleted_at);
  if (now.channel.started_at && !since_deleted) {
    const auto since_sent = now.Since(now.cancel_sent_at);
    if (!since_sent) {
      decision.Do(SendCancel{}).Again(settings.cancel_patience);
    } else if (*since_sent >= settings.cancel_patience) {
      decision.Do(DeleteJob{}).Again(Milliseconds(1000));
    } else {
      decision.Again(settings.cancel_patience - *since_sent);
    }
    return;
  }
  const bool nothing_exists =
      !now.job_created && !now.cluster.job && !now.cluster.pod && !now.warm && !now.recovered;
  if (nothing_exists || (since_deleted && *since_deleted >= kDeletionPatience)) {
    decision.Do(Cancelled(now));
  } else if (!since_deleted) {
    decision.Do(DeleteJob{}).Again(Milliseconds(1000));
  } else {
    decision.Again(Milliseconds(1000));
  }
}

void KeepConnected(const Situation& now, Decision& decision) {
  const RunChannel::View& channel = now.channel;
  const auto& pod = now.cluster.pod;
  const bool is_linked =
      channel.link == RunChannel::Link::kOpening || channel.link == RunChannel::Link::kOpen;
  if (!pod || !pod->scheduled || is_linked) return;
  Milliseconds pause = now.first_attach;
  Milliseconds waited = now.Since(now.scheduled_at).value_or(pause);
  if (channel.link == RunChannel::Link::kClosed) {
    // Where starts take long, being late by a little of it matters as little.
    pause = std::max(delivery::ConnectPause(channel.failures), now.first_attach / 16);
    waited = now.Since(channel.link_changed);
  } else if (pod->container.kind == ContainerState::Kind::kRunning || HasEnded(*pod)) {
    // A status that says more than "scheduled" comes late, but then nothing is to be waited for.
    pause = Milliseconds(0);
  }
  if (waited >= pause) {
    decision.Do(Connect{});
  } else {
    decision.Again(pause - waited);
  }
}

/// What the attach did not show: the time before it was opened, and what was lost when it broke.
void FillGaps(const Situation& now, const PlanSettings& settings, Decision& decision) {
  const RunChannel::View& channel = now.channel;
  if (channel.link != RunChannel::Link::kOpen) return;
  const auto since_log_read = now.Since(now.log_read_at);
  const bool rested = !since_log_read || *since_log_read >= kGapLogPause;
  // Where nothing was heard before the present link, nothing can have been lost.
  const bool log_is_current =
      now.log_read_opens >= channel.opens || (!now.recovered && channel.heard_before == 0);
  const bool runs =
      now.cluster.pod && now.cluster.pod->container.kind == ContainerState::Kind::kRunning;
  const bool incomplete = (runs && !log_is_current) || channel.records.has_gap;
  if (incomplete && rested) {
    decision.Do(ReadLog{}).Again(kGapLogPause);
  } else if (incomplete) {
    decision.Again(kGapLogPause - *since_log_read);
  }
  const auto since_delivery = now.Since(channel.delivered_at);
  if (channel.started_at || !since_delivery) return;
  if (*since_delivery >= settings.delivery_patience) {
    // Either the request was lost, or the answer.
    decision.Do(Redeliver{}).Do(ReadLog{}).Again(settings.delivery_patience);
  } else {
    decision.Again(settings.delivery_patience - *since_delivery);
  }
}

void KeepRecord(const Situation& now, const PlanSettings& settings, Decision& decision) {
  const auto since_start = now.Since(now.channel.started_at);
  const auto since_fresh = now.Since(now.channel.fresh_since);
  const auto since_flush = now.Since(now.flushed_at);
  const bool start_is_news = since_start && !now.start_recorded;
  const bool pod_is_news = now.cluster.pod && now.cluster.pod->scheduled && !now.pod_recorded;
  if (!start_is_news && !since_fresh) {
    // Where it runs is worth a commit only when nothing else will take it along soon.
    if (pod_is_news && now.Since(now.claimed_at) >= Milliseconds(1000))
      decision.Do(RecordProgress{});
    if (pod_is_news) decision.Again(Milliseconds(1000));
    return;
  }
  Milliseconds wait{0};
  if (since_fresh) wait = settings.flush_delay - *since_fresh;
  if (start_is_news) wait = std::max(wait, settings.flush_delay - *since_start);
  if (since_flush) wait = std::max(wait, settings.flush_interval - *since_flush);
  if (wait.count() <= 0) {
    decision.Do(RecordProgress{});
  } else {
    decision.Again(wait);
  }
}

}  // namespace

Decision& Decision::Do(Action action) {
  actions.push_back(std::move(action));
  return *this;
}

Decision& Decision::Again(Milliseconds after) {
  again = again ? std::min(*again, after) : after;
  return *this;
}

Decision Plan(const Situation& now, const PlanSettings& settings) {
  const delivery::RecordMerger::Progress& records = now.channel.records;
  if (records.complete) {
    Verdict verdict = ClassifyFinished(*records.finished, now.cancel_requested);
    if (auto* outcome = std::get_if<domain::Outcome>(&verdict))
      outcome->output_incomplete = !records.intact;
    return End(std::move(verdict), /*job_may_live=*/true);
  }
  const auto& pod = now.cluster.pod;
  const bool pod_ended = pod && HasEnded(*pod);
  // A program that began before our time had a Job and a pod; making the Job anew would mix two
  // executions. A warm Job is in the view when it is claimed.
  const bool had_begun = now.recovered && now.start_recorded;
  const bool pod_vanished = (now.saw_pod || had_begun) && !pod;
  const bool job_vanished = (now.saw_job || now.warm) && !now.cluster.job && !pod;
  if (pod_ended || pod_vanished || job_vanished) {
    return AfterTheEnd(now, pod_ended);
  }
  if (now.cluster.job && now.cluster.job->has_failed && !pod) {
    return End(
        store::Interruption{.reason = "job_failed", .message = now.cluster.job->condition_reason},
        true);
  }

  Decision decision;
  if (now.cancel_requested) {
    KeepCancelling(now, settings, decision);
    KeepRecord(now, settings, decision);
    return decision;
  }
  if (now.refused_for_good) {
    return End(store::Interruption{.reason = "job_refused", .message = now.refusal},
               /*job_may_live=*/false);
  }
  if (!now.warm && !now.job_created && !now.cluster.job) decision.Do(CreateJob{});

  const auto since_start = now.Since(now.channel.started_at);
  if (!since_start) {
    const Milliseconds since_claim = now.Since(now.claimed_at);
    const bool patience_over = since_claim >= settings.start_timeout;
    if (auto interruption = ClassifyWaiting(pod, patience_over)) {
      if (!pod && !now.refusal.empty())
        interruption = {.reason = "job_refused", .message = now.refusal};
      return End(std::move(*interruption), /*job_may_live=*/true);
    }
    decision.Again(settings.start_timeout - since_claim);
  } else {
    const Milliseconds patience = now.wall_limit + settings.silence_after_wall;
    if (*since_start >= patience) {
      return End(store::Interruption{.reason = "runner_silent",
                                     .message = "no end record long after the time limit"},
                 true);
    }
    decision.Again(patience - *since_start);
  }
  KeepConnected(now, decision);
  FillGaps(now, settings, decision);
  KeepRecord(now, settings, decision);
  return decision;
}

}  // namespace oneshot::reconcile
