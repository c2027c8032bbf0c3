#include "controller/pool/pool_plan.h"

#include <algorithm>

namespace oneshot::pool {
namespace {

using base::Milliseconds;

// A runner that does not answer for so long gets no run, and its place is better used elsewhere.
constexpr Milliseconds kSilencePatience{30'000};

// A new Job takes much more of the CPU than most runs: what is missing is made when the run that
// has just got one is likely to be over, unless the next would find nothing.
constexpr Milliseconds kHeadStart{100};

bool IsGone(const WaitingJob& now) {
  const auto& [job, pod] = now.cluster;
  const auto& records = now.channel.records;
  return (now.was_seen && !job) || (now.was_ready && !pod) ||
         (pod && (HasEnded(*pod) || pod->meta.deleting)) ||
         (job && (HasEnded(*job) || job->meta.deleting)) || records.finished ||
         !records.fault.empty();
}

struct Count {
  int starting{0};
  int ready{0};
};

}  // namespace

WaitingJobPlan PlanWaitingJob(const WaitingJob& now, const PoolSettings& settings) {
  const auto since = [&](base::MonotonicTime moment) {
    return Milliseconds(base::MillisecondsBetween(moment, now.time));
  };
  const bool is_ready = now.channel.records.ready && now.heard_at;
  const Milliseconds silence = since(now.heard_at.value_or(now.created_at));
  const Milliseconds patience = is_ready ? kSilencePatience : settings.start_timeout;
  if (IsGone(now) || silence >= patience) return {.is_lost = true, .step = {}, .again = {}};
  WaitingJobPlan plan{.is_lost = false, .step = {}, .again = patience - silence};
  const auto& pod = now.cluster.pod;
  const bool is_running = pod && pod->container.kind == kube::ContainerState::Kind::kRunning;
  // The kubelet says up to a second late that a container runs. As long as nothing is known of how
  // long starts take, that is soon enough: nobody waits for this Job yet.
  if (!is_running && now.first_attach == Milliseconds(0)) return plan;
  const delivery::LinkPlan link = delivery::PlanLink({.time = now.time,
                                                      .channel = now.channel,
                                                      .pod = pod,
                                                      .first_pause = now.first_attach,
                                                      .first_since = now.scheduled_at,
                                                      .ended_since = {}});
  plan.step = link.step;
  if (link.again) plan.again = std::min(*plan.again, *link.again);
  return plan;
}

PoolPlan PlanPool(const PoolSituation& now, const PoolSettings& settings) {
  std::vector<Count> counts(settings.classes.size());
  for (const PoolSituation::Job& job : now.jobs) {
    Count& count = counts[job.class_index];
    ++(job.is_ready ? count.ready : count.starting);
  }
  PoolPlan plan;
  for (const PoolSituation::Job& job : now.jobs) {
    if (job.is_reserved || !job.is_ready) continue;
    Count& count = counts[job.class_index];
    const bool is_expired = now.time - job.created_at >= settings.max_idle_age;
    if (!is_expired && count.ready + count.starting <= now.targets[job.class_index]) continue;
    --count.ready;
    plan.retire.push_back(job.name);
  }
  const auto needs_of = [&](std::size_t class_index) {
    return settings.classes[class_index].memory_mib + now.memory_overhead_mib;
  };
  std::int64_t memory_mib = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    plan.starting += counts[i].starting;
    plan.ready += counts[i].ready;
    memory_mib += needs_of(i) * (counts[i].starting + counts[i].ready);
  }
  const bool has_head_start = now.handed_at && now.time - *now.handed_at < kHeadStart;
  for (std::size_t i = 0; now.may_create && i < counts.size(); ++i) {
    if (has_head_start && counts[i].ready > 0) continue;
    while (counts[i].starting + counts[i].ready < now.targets[i] &&
           plan.starting < settings.max_starting &&
           memory_mib + needs_of(i) <= settings.memory_budget_mib) {
      plan.create.push_back(i);
      ++counts[i].starting;
      ++plan.starting;
      memory_mib += needs_of(i);
    }
  }
  return plan;
}

}  // namespace oneshot::pool
