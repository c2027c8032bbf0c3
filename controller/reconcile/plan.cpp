#include "controller/reconcile/plan.h"

#include <algorithm>
#include <utility>

namespace oneshot::reconcile {
namespace {

using base::Milliseconds;
using delivery::LinkStep;
using domain::Outcome;
using store::Interruption;

constexpr Milliseconds kSlowStart{3'000};
// Enough for a view to be told and a runner to be asked, after a break.
constexpr Milliseconds kWakingPatience{10'000};
constexpr Milliseconds kConfirmInterval{1'000};
// A node that is dead never confirms that its pod is gone.
constexpr Milliseconds kDeletionPatience{30'000};

Decision End(const Situation& now, Verdict verdict) {
  Decision decision;
  if (auto* interruption = std::get_if<Interruption>(&verdict)) {
    interruption->may_have_begun = MayHaveBegun(now);
    if (now.cluster.pod) interruption->node = now.cluster.pod->node_name;
    decision.Do(std::move(*interruption));
    // It is of no more use, and its pod may still be working.
    return decision.Do(DeleteJob{});
  }
  return decision.Do(std::move(std::get<Outcome>(verdict)));
}

Outcome Cancelled(const Situation& now) {
  return {.status = domain::RunStatus::kCancelled,
          .reason = "cancelled",
          .output_incomplete = now.channel.started_at.has_value()};
}

delivery::LinkPlan PlanLink(const Situation& now) {
  return delivery::PlanLink({.time = now.time,
                             .channel = now.channel,
                             .pod = now.cluster.pod,
                             .first_pause = now.first_attach,
                             .first_since = now.scheduled_at,
                             .ended_since = now.ended_since});
}

/// Returns false when the runner is dead and its log has been read.
bool KeepInTouch(const Situation& now, Decision& decision) {
  const delivery::LinkPlan link = PlanLink(now);
  if (link.again) decision.Again(*link.again);
  switch (link.step) {
    case LinkStep::kNothing:
      break;
    case LinkStep::kConnect:
      decision.Do(Connect{});
      break;
    case LinkStep::kAsk:
      decision.Do(Ask{});
      break;
    case LinkStep::kReadLog:
      decision.Do(ReadLog{});
      break;
    case LinkStep::kExhausted:
      return false;
  }
  return true;
}

void KeepRecord(const Situation& now, const PlanSettings& settings, Decision& decision) {
  const auto since_start = now.Since(now.channel.started_at);
  const auto since_fresh = now.Since(now.channel.unstored_since);
  const auto since_flush = now.Since(now.flushed_at);
  const bool start_is_news = since_start && !now.start_recorded;
  const bool pod_is_news = now.cluster.pod && now.cluster.pod->scheduled && !now.pod_recorded;
  if ((pod_is_news && !now.warm) || WhyNotBegun(now) != now.message_recorded) {
    decision.Do(RecordProgress{});
    return;
  }
  if (!start_is_news && !since_fresh) {
    // Where a waiting Job's pod runs is worth a commit only when nothing else will take it along.
    if (pod_is_news && now.Since(now.claimed_at) >= Milliseconds(1000))
      decision.Do(RecordProgress{});
    if (pod_is_news) decision.Again(Milliseconds(1000));
    return;
  }
  // The runner stops at a full window: that is worth a commit at once.
  const bool is_urgent = now.channel.unstored_bytes >= protocol::kMaxUnacknowledged / 2;
  Milliseconds wait{0};
  if (since_fresh) wait = settings.flush_delay - *since_fresh;
  if (start_is_news) wait = std::max(wait, settings.flush_delay - *since_start);
  if (since_flush) wait = std::max(wait, settings.flush_interval - *since_flush);
  if (wait.count() <= 0 || is_urgent) {
    decision.Do(RecordProgress{});
  } else {
    decision.Again(wait);
  }
}

/// The pod ended or is gone, and the runner did not get its result through.
Decision AfterTheEnd(const Situation& now, const PlanSettings& settings) {
  Decision decision;
  if (now.cluster.pod && KeepInTouch(now, decision)) {
    KeepRecord(now, settings, decision);
    return decision;
  }
  // What is missing may be missing because its Job was deleted for the user's wish.
  if (now.cancel_requested) return End(now, Cancelled(now));
  const auto& finished = now.channel.records.finished;
  if (finished && !finished->run_id.empty()) {
    Verdict verdict = ClassifyFinished(*finished, now.cancel_requested);
    if (auto* outcome = std::get_if<Outcome>(&verdict)) outcome->output_incomplete = true;
    return End(now, std::move(verdict));
  }
  if (now.cluster.pod) return End(now, ClassifyPod(*now.cluster.pod));
  return End(now, Interruption{.reason = "pod_lost",
                               .message = "the pod is gone without a trace of its end"});
}

/// What the view lacks may be there: the view is as old as its watch.
Decision AfterVanishing(const Situation& now, const PlanSettings& settings) {
  if (now.is_gone) return AfterTheEnd(now, settings);
  Decision decision;
  return decision.Do(Confirm{}).Again(kConfirmInterval);
}

Decision Cancel(const Situation& now, const PlanSettings& settings) {
  Decision decision;
  const auto since_deleted = now.Since(now.job_deleted_at);
  const bool nothing_exists =
      !now.job_created && !now.cluster.job && !now.cluster.pod && !now.warm && !now.recovered;
  // The watch may never have shown what was deleted so soon: the API server's own word counts.
  const bool is_deleted = since_deleted && (now.is_gone || *since_deleted >= kDeletionPatience);
  if (nothing_exists || is_deleted) return End(now, Cancelled(now));
  KeepInTouch(now, decision);
  KeepRecord(now, settings, decision);
  if (since_deleted) return decision.Do(Confirm{}).Again(kConfirmInterval);
  // The program may have ended already, and its result be on the way.
  if (!MayHaveBegun(now)) return decision.Do(DeleteJob{}).Again(kConfirmInterval);
  const auto since_sent = now.Since(now.cancel_sent_at);
  if (!since_sent) return decision.Do(SendCancel{}).Again(settings.cancel_patience);
  if (*since_sent < settings.cancel_patience)
    return decision.Again(settings.cancel_patience - *since_sent);
  return decision.Do(DeleteJob{}).Again(kConfirmInterval);
}

/// The result is stored; the runner leaves when it knows.
Decision SeeOff(const Situation& now, const PlanSettings& settings) {
  const auto& pod = now.cluster.pod;
  const bool link_is_open = now.channel.link == delivery::RunChannel::Link::kOpen;
  const bool has_left = !pod || HasEnded(*pod) || pod->meta.deleting ||
                        (now.channel.end_acknowledged && !link_is_open);
  const Milliseconds since = now.Since(*now.committed_at);
  Decision decision;
  // What is left behind then belongs to no run, and the sweeper deletes it.
  if (has_left || since >= settings.leaving_patience) return decision.Do(Release{});
  KeepInTouch(now, decision);
  return decision.Again(settings.leaving_patience - since);
}

/// How long to wait for a runner that may have the run: for the start, and for the end.
std::optional<Interruption> OutOfPatience(const Situation& now, const PlanSettings& settings,
                                          Decision& decision) {
  const auto since_start = now.Since(now.channel.started_at);
  const bool is_in_touch = delivery::IsFresh(now.channel, now.time);
  const Milliseconds end = now.wall_limit + settings.silence_after_wall;
  if (!since_start && (is_in_touch || !MayHaveBegun(now))) {
    // A request that has just been written gets its own time.
    const Milliseconds since_claim = now.Since(now.claimed_at);
    const Milliseconds since = now.Since(now.channel.delivered_at).value_or(since_claim);
    const bool is_over = since >= settings.start_timeout;
    if (!is_over) decision.Again(settings.start_timeout - since);
    if (since_claim < kSlowStart) decision.Again(kSlowStart - since_claim);
    return ClassifyWaiting(now.cluster.pod, is_over);
  }
  // A runner out of reach keeps its result; it is lost when that time is over, or with the pod. One
  // in reach is not silent while it says what it has, or waits for the store to take it.
  const base::MonotonicTime link_since = now.channel.link_changed;
  const base::MonotonicTime quiet_since = std::max(link_since, now.flushed_at.value_or(link_since));
  const bool is_silent = is_in_touch && !now.channel.unstored_since &&
                         now.Since(quiet_since) >= settings.silence_after_wall;
  const Milliseconds patience = is_silent ? end : end + settings.result_hold;
  const Milliseconds since = since_start.value_or(now.Since(now.claimed_at));
  const Milliseconds since_awake = now.Since(now.awake_since);
  if (since_awake < kWakingPatience) {
    decision.Again(kWakingPatience - since_awake);
    return std::nullopt;
  }
  if (since >= patience) {
    return Interruption{.reason = "runner_silent",
                        .message = is_in_touch ? "no end record long after the time limit"
                                               : "the runner could not be reached any more"};
  }
  decision.Again(patience - since);
  const auto since_deleting = now.Since(now.deleting_since);
  if (!since_deleting || is_in_touch) return std::nullopt;
  if (*since_deleting >= settings.deletion_patience) {
    return Interruption{.reason = "pod_disrupted",
                        .message = "the pod is being deleted and its runner does not answer"};
  }
  decision.Again(settings.deletion_patience - *since_deleting);
  return std::nullopt;
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

std::string WhyNotBegun(const Situation& now) {
  if (now.channel.records.started || now.start_recorded) return {};
  // Most starts are over before anybody could read about them.
  const bool is_slow = now.Since(now.claimed_at) >= kSlowStart;
  const bool has_node = now.cluster.pod && now.cluster.pod->scheduled;
  if (!now.cluster.pod && !now.refusal.empty()) return now.refusal;
  const auto why =
      is_slow ? ClassifyWaiting(now.cluster.pod, /*patience_over=*/true) : std::nullopt;
  if (!why || (has_node && why->reason == "start_timeout")) return now.message_recorded;
  return why->message;
}

bool MayHaveBegun(const Situation& now) {
  // A runner that ended without a run says so itself.
  const auto& finished = now.channel.records.finished;
  if (finished && finished->run_id.empty()) return false;
  return now.channel.delivered_at || now.channel.records.started || now.start_recorded ||
         now.may_have_been_delivered;
}

Decision Plan(const Situation& now, const PlanSettings& settings) {
  if (now.committed_at) return SeeOff(now, settings);
  const delivery::Inbox::Progress& records = now.channel.records;
  // Before every end, which the store would refuse again and again.
  if (records.has_lost_records) {
    return End(now, Interruption{.reason = "output_lost",
                                 .message = "the database lost output that it had confirmed"});
  }
  if (!records.fault.empty()) {
    return End(now, Outcome{.status = domain::RunStatus::kError,
                            .reason = "runner_error",
                            .message = records.fault,
                            .output_incomplete = true})
        .Do(DeleteJob{});
  }
  if (records.complete) return End(now, ClassifyFinished(*records.finished, now.cancel_requested));
  if (records.finished && records.finished->run_id.empty())
    return End(now, ClassifyFinished(*records.finished, now.cancel_requested));

  const auto& job = now.cluster.job;
  const auto& pod = now.cluster.pod;
  if (pod && HasEnded(*pod)) return AfterTheEnd(now, settings);
  const bool had_pod = now.saw_pod || now.pod_recorded || now.warm;
  if (!pod && (had_pod || (now.saw_job && !job))) return AfterVanishing(now, settings);
  if (job && job->has_failed && !pod) {
    return End(now, Interruption{.reason = "job_failed", .message = job->condition_reason});
  }
  if (now.cancel_requested) return Cancel(now, settings);
  if (now.refused_for_good)
    return End(now, Interruption{.reason = "job_refused", .message = now.refusal});

  Decision decision;
  // A pod without its Job: the Job was deleted, or the view of it lags. The runner may have the
  // run.
  if (!now.warm && !now.job_created && !job && !pod) decision.Do(CreateJob{});
  if (auto interruption = OutOfPatience(now, settings, decision)) {
    if (!pod && !now.refusal.empty())
      interruption = {.reason = "job_refused", .message = now.refusal};
    return End(now, std::move(*interruption));
  }
  if ((now.pod_recorded || now.warm) && !now.delivery_allowed) decision.Do(AllowDelivery{});
  if (now.channel.wants_stdin_from < now.next_stdin && now.channel.heard_at)
    decision.Do(SendStdin{});
  KeepInTouch(now, decision);
  KeepRecord(now, settings, decision);
  return decision;
}

}  // namespace oneshot::reconcile
