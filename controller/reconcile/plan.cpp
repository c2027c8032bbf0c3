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

/// Collects actions and the earliest moment to look again.
class Builder {
 public:
  Builder& Do(Action action) {
    decision_.actions.push_back(std::move(action));
    return *this;
  }
  Builder& Again(Milliseconds after) {
    decision_.again = decision_.again ? std::min(*decision_.again, after) : after;
    return *this;
  }
  Decision Take() { return std::move(decision_); }

 private:
  Decision decision_;
};

Action ToAction(Verdict verdict) {
  if (auto* outcome = std::get_if<domain::Outcome>(&verdict)) return Finish{std::move(*outcome)};
  return Interrupt{std::move(std::get<store::Interruption>(verdict))};
}

Decision End(Verdict verdict, bool job_may_live) {
  Builder builder;
  const bool interrupted = std::holds_alternative<store::Interruption>(verdict);
  builder.Do(ToAction(std::move(verdict)));
  // An interrupted attempt's Job is of no more use, and its pod may still be working.
  if (interrupted && job_may_live) builder.Do(DeleteJob{});
  return builder.Take();
}

domain::Outcome Cancelled(const Observed& now) {
  return {.status = domain::RunStatus::kCancelled,
          .reason = "cancelled",
          .output_incomplete = now.channel.started};
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
Decision AfterTheEnd(const Observed& now, bool pod_is_there) {
  if (pod_is_there && now.end_log_reads < kEndLogReads) {
    const Milliseconds pause = kEndLogPauses[now.end_log_reads];
    const Milliseconds waited = now.end_log_reads == 0 ? pause : now.since_log_read.value_or(pause);
    Builder builder;
    if (waited >= pause) return builder.Do(ReadLog{}).Again(Milliseconds(0)).Take();
    return builder.Again(pause - waited).Take();
  }
  auto finished = now.channel.finished;
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

void KeepCancelling(const Observed& now, const PlanSettings& settings, Builder& builder) {
  if (now.channel.started && !now.since_job_deleted) {
    if (!now.since_cancel_sent) {
      builder.Do(SendCancel{}).Again(settings.cancel_patience);
    } else if (*now.since_cancel_sent >= settings.cancel_patience) {
      builder.Do(DeleteJob{}).Again(Milliseconds(1000));
    } else {
      builder.Again(settings.cancel_patience - *now.since_cancel_sent);
    }
    return;
  }
  const bool nothing_exists =
      !now.job_created && !now.cluster.job && !now.cluster.pod && !now.warm && !now.recovered;
  if (nothing_exists || (now.since_job_deleted && *now.since_job_deleted >= kDeletionPatience)) {
    builder.Do(Finish{Cancelled(now)});
  } else if (!now.since_job_deleted) {
    builder.Do(DeleteJob{}).Again(Milliseconds(1000));
  } else {
    builder.Again(Milliseconds(1000));
  }
}

void KeepConnected(const Observed& now, Builder& builder) {
  const RunChannel::View& channel = now.channel;
  if (!now.cluster.pod || !now.cluster.pod->scheduled) return;
  if (channel.link == RunChannel::Link::kNone) {
    // A status that says more than "scheduled" comes late, but then nothing is to be waited for.
    const bool has_begun = now.cluster.pod->container.kind == ContainerState::Kind::kRunning ||
                           HasEnded(*now.cluster.pod);
    const Milliseconds waited = now.since_scheduled.value_or(now.first_attach);
    if (has_begun || waited >= now.first_attach) {
      builder.Do(Connect{});
    } else {
      builder.Again(now.first_attach - waited);
    }
  } else if (channel.link == RunChannel::Link::kClosed) {
    // Where starts take long, being late by a little of it matters as little.
    const Milliseconds pause =
        std::max(delivery::ConnectPause(channel.failures), now.first_attach / 16);
    const Milliseconds waited = now.since_link_change.value_or(pause);
    if (waited >= pause) {
      builder.Do(Connect{});
    } else {
      builder.Again(pause - waited);
    }
  }
}

/// What the attach did not show: the time before it was opened, and what was lost when it broke.
void FillGaps(const Observed& now, const PlanSettings& settings, Builder& builder) {
  const RunChannel::View& channel = now.channel;
  if (channel.link != RunChannel::Link::kOpen) return;
  const bool rested = !now.since_log_read || *now.since_log_read >= kGapLogPause;
  const bool runs =
      now.cluster.pod && now.cluster.pod->container.kind == ContainerState::Kind::kRunning;
  const bool incomplete = (runs && !now.log_is_current) || channel.has_gap;
  if (incomplete && rested) {
    builder.Do(ReadLog{}).Again(kGapLogPause);
  } else if (incomplete) {
    builder.Again(kGapLogPause - *now.since_log_read);
  }
  if (channel.started || !now.since_delivery) return;
  if (*now.since_delivery >= settings.delivery_patience) {
    // Either the request was lost, or the answer.
    builder.Do(Redeliver{}).Do(ReadLog{}).Again(settings.delivery_patience);
  } else {
    builder.Again(settings.delivery_patience - *now.since_delivery);
  }
}

void KeepRecord(const Observed& now, const PlanSettings& settings, Builder& builder) {
  const bool start_is_news = now.channel.started && !now.start_recorded;
  const bool pod_is_news = now.cluster.pod && now.cluster.pod->scheduled && !now.pod_recorded;
  const bool output_is_news = now.since_fresh.has_value();
  if (!start_is_news && !output_is_news) {
    // Where it runs is worth a commit only when nothing else will take it along soon.
    if (pod_is_news && now.since_claim >= Milliseconds(1000)) builder.Do(RecordProgress{});
    if (pod_is_news) builder.Again(Milliseconds(1000));
    return;
  }
  Milliseconds wait{0};
  if (output_is_news) wait = settings.flush_delay - *now.since_fresh;
  if (start_is_news)
    wait = std::max(wait, settings.flush_delay - now.since_start.value_or(Milliseconds(0)));
  if (now.since_flush) wait = std::max(wait, settings.flush_interval - *now.since_flush);
  if (wait.count() <= 0) {
    builder.Do(RecordProgress{});
  } else {
    builder.Again(wait);
  }
}

}  // namespace

Decision Plan(const Observed& now, const PlanSettings& settings) {
  const RunChannel::View& channel = now.channel;
  if (channel.finished && channel.complete) {
    Verdict verdict = ClassifyFinished(*channel.finished, now.cancel_requested);
    if (auto* outcome = std::get_if<domain::Outcome>(&verdict))
      outcome->output_incomplete = !channel.intact;
    return End(std::move(verdict), /*job_may_live=*/true);
  }
  const auto& pod = now.cluster.pod;
  const bool pod_ended = pod && HasEnded(*pod);
  // A warm Job is in the view when it is claimed, so one that is not there any more is gone.
  const bool warm_gone = now.warm && !now.cluster.job && !pod;
  if (pod_ended || now.pod_vanished || (now.job_vanished && !pod) || warm_gone) {
    return AfterTheEnd(now, pod_ended);
  }
  if (now.cluster.job && now.cluster.job->has_failed && !pod) {
    return End(
        store::Interruption{.reason = "job_failed", .message = now.cluster.job->condition_reason},
        true);
  }

  Builder builder;
  if (now.cancel_requested) {
    KeepCancelling(now, settings, builder);
    KeepRecord(now, settings, builder);
    return builder.Take();
  }
  if (now.refused_for_good) {
    return End(store::Interruption{.reason = "job_refused", .message = now.refusal},
               /*job_may_live=*/false);
  }
  if (!now.warm && !now.job_created && !now.cluster.job) builder.Do(CreateJob{});

  if (!channel.started) {
    const bool patience_over = now.since_claim >= settings.start_timeout;
    if (auto interruption = ClassifyWaiting(pod, patience_over)) {
      if (!pod && !now.refusal.empty())
        interruption = {.reason = "job_refused", .message = now.refusal};
      return End(std::move(*interruption), /*job_may_live=*/true);
    }
    builder.Again(settings.start_timeout - now.since_claim);
  } else if (now.since_start) {
    const Milliseconds patience = now.wall_limit + settings.silence_after_wall;
    if (*now.since_start >= patience) {
      return End(store::Interruption{.reason = "runner_silent",
                                     .message = "no end record long after the time limit"},
                 true);
    }
    builder.Again(patience - *now.since_start);
  }
  KeepConnected(now, builder);
  FillGaps(now, settings, builder);
  KeepRecord(now, settings, builder);
  return builder.Take();
}

}  // namespace oneshot::reconcile
