#pragma once

#include <string>
#include <vector>

#include "controller/reconcile/plan.h"

namespace oneshot::reconcile {

/// The names of a decision's actions.
inline std::vector<std::string> Names(const Decision& decision) {
  static constexpr const char* kNames[] = {
      "CreateJob",  "Confirm",   "Connect",  "Ask",       "AllowDelivery",
      "SendCancel", "SendStdin", "ReadLog",  "DeleteJob", "RecordProgress",
      "Release",    "Finish",    "Interrupt"};
  static_assert(std::size(kNames) == std::variant_size_v<Action>);
  std::vector<std::string> names;
  for (const Action& action : decision.actions) names.emplace_back(kNames[action.index()]);
  return names;
}

inline const domain::Outcome& OutcomeOf(const Decision& decision) {
  return std::get<domain::Outcome>(decision.actions.at(0));
}
inline const store::Interruption& InterruptionOf(const Decision& decision) {
  return std::get<store::Interruption>(decision.actions.at(0));
}

/// When the look is.
inline constexpr base::MonotonicTime kNow{std::chrono::hours(1)};
inline base::MonotonicTime Ago(base::Milliseconds span) { return kNow - span; }

inline kube::Job AJob() {
  kube::Job job;
  job.meta.name = "run-r-1";
  return job;
}

inline kube::Pod APod() {
  kube::Pod pod;
  pod.meta.name = "run-r-1-abcde";
  pod.node_name = "node-1";
  pod.phase = "Pending";
  pod.scheduled = true;
  return pod;
}

inline protocol::Finished Ended(int exit_code = 0) {
  protocol::Finished finished;
  finished.run_id = "r";
  finished.attempt = 1;
  finished.exit_code = exit_code;
  return finished;
}

/// A run that was claimed a moment ago, for a Job of its own.
inline Situation Claimed() {
  Situation now;
  now.time = kNow;
  now.claimed_at = Ago(base::Milliseconds(400));
  return now;
}

/// Its pod has a node, which the store does not know yet.
inline Situation Scheduled() {
  Situation now = Claimed();
  now.job_created = true;
  now.saw_job = true;
  now.saw_pod = true;
  now.cluster.job = AJob();
  now.cluster.pod = APod();
  return now;
}

/// The same, and the store knows it.
inline Situation Recorded() {
  Situation now = Scheduled();
  now.pod_recorded = true;
  now.delivery_allowed = true;
  return now;
}

/// The runner waits for the run.
inline Situation InTouch() {
  Situation now = Recorded();
  now.channel.link = delivery::RunChannel::Link::kOpen;
  now.channel.link_changed = Ago(base::Milliseconds(20));
  now.channel.heard_at = Ago(base::Milliseconds(10));
  return now;
}

inline Situation Delivered() {
  Situation now = InTouch();
  now.channel.delivered_at = Ago(base::Milliseconds(10));
  return now;
}

inline Situation Running() {
  Situation now = Delivered();
  now.cluster.pod->phase = "Running";
  now.cluster.pod->container.kind = kube::ContainerState::Kind::kRunning;
  now.channel.records.started = true;
  now.channel.started_at = Ago(base::Milliseconds(500));
  now.start_recorded = true;
  return now;
}

/// The same since long ago: the time limit and all patience with it are over, and the last word was
/// heard when the time for it was.
inline Situation RunningTooLong(const PlanSettings& settings) {
  Situation now = Running();
  now.claimed_at = now.time - std::chrono::minutes(30);
  now.channel.started_at = Ago(now.wall_limit + settings.silence_after_wall);
  now.channel.link_changed = *now.channel.started_at;
  return now;
}

/// The runner is dead, and nothing has been read of it.
inline Situation Dead() {
  Situation now = Running();
  now.channel.link = delivery::RunChannel::Link::kClosed;
  now.channel.heard_at.reset();
  now.cluster.pod->phase = "Failed";
  now.cluster.pod->container.kind = kube::ContainerState::Kind::kTerminated;
  return now;
}

/// The runner is dead, and its log has been read.
inline Situation DeadAndRead() {
  Situation now = Dead();
  now.channel.log_reads = 2;
  return now;
}

/// Neither its pod nor its Job is in the view any more.
inline Situation Vanished(Situation now) {
  now.cluster = {};
  now.channel.link = delivery::RunChannel::Link::kClosed;
  now.channel.heard_at.reset();
  return now;
}

}  // namespace oneshot::reconcile
