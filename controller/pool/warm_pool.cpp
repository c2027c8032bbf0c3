#include "controller/pool/warm_pool.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "controller/manifest/names.h"
#include "core/domain/run_id.h"
#include "core/telemetry/log.h"

namespace oneshot::pool {
namespace {

using delivery::LinkStep;
using delivery::RunChannel;
using telemetry::Level;
using telemetry::Log;

// After a Job that could not be made.
constexpr auto kFirstPause = std::chrono::seconds(1);
constexpr auto kLongestPause = std::chrono::seconds(60);

}  // namespace

WarmPool::WarmPool(controller::Term& term, PoolSettings settings)
    : term_(term), settings_(std::move(settings)) {
  auto state = state_.Acquire();
  state->backoff = kube::Backoff(kFirstPause, kLongestPause, term_.random);
  for (const PoolClass& each : settings_.classes)
    state->targets.emplace_back(TargetSettings{.minimum = each.minimum, .maximum = each.maximum});
}

base::Status WarmPool::Adopt() {
  std::vector<std::string> names;
  for (const kube::Job& job : term_.cluster.Jobs()) {
    if (manifest::IsWarmJobName(job.meta.name)) names.push_back(job.meta.name);
  }
  if (names.empty()) return {};
  const auto claimed = term_.store.ClaimedJobs(names);
  if (!claimed) return claimed.error();
  for (const std::string& name : names) {
    if (std::ranges::find(*claimed, name) != claimed->end()) continue;
    const auto sight = term_.cluster.Look(name);
    if (!sight.job) continue;
    const auto label = [&](const char* key) {
      const auto found = sight.job->labels.find(key);
      return found == sight.job->labels.end() ? std::string() : found->second;
    };
    const std::string class_name = label(manifest::kPoolClassLabel);
    const auto pool_class = std::ranges::find(settings_.classes, class_name, &PoolClass::name);
    const bool usable = pool_class != settings_.classes.end() &&
                        label(manifest::kTemplateLabel) == term_.job_template.fingerprint() &&
                        !HasEnded(*sight.job) && !sight.job->meta.deleting;
    auto state = state_.Acquire();
    if (usable) {
      const auto index = static_cast<std::size_t>(pool_class - settings_.classes.begin());
      AddJob(*state, name, index, /*posted=*/true);
    } else {
      state->retired.emplace(name, nullptr);
    }
  }
  return {};
}

void WarmPool::AddJob(State& state, const std::string& job_name, std::size_t class_index,
                      bool posted) {
  auto channel = std::make_shared<RunChannel>(term_.attacher, term_.clock);
  channel->SetOnEvent([queue = term_.queue, job_name] { queue->Add(job_name); });
  state.jobs[job_name] = std::make_shared<WarmJob>(WarmJob{.class_index = class_index,
                                                           .channel = std::move(channel),
                                                           .created_at = term_.clock.Monotonic(),
                                                           .is_adopted = posted,
                                                           .posted = posted,
                                                           .was_seen = posted});
  term_.queue->Add(job_name);
}

void WarmPool::Tick(Refill refill) {
  PoolPlan plan;
  {
    auto state = state_.Acquire();
    plan = PlanPool(Observe(*state, refill), settings_);
    for (const std::string& name : plan.retire) state->retired.insert(state->jobs.extract(name));
    for (const std::size_t class_index : plan.create) {
      AddJob(*state, manifest::WarmJobName(domain::NewRunId(term_.clock.Wall(), term_.random)),
             class_index,
             /*posted=*/false);
    }
  }
  term_.instruments.pool_starting.Set(plan.starting);
  term_.instruments.pool_ready.Set(plan.ready);
  DeleteRetired();
}

PoolSituation WarmPool::Observe(State& state, Refill refill) const {
  const auto now = term_.clock.Monotonic();
  PoolSituation situation{.time = now,
                          .jobs = {},
                          .targets = {},
                          .may_create = refill == Refill::kNow && now >= state.create_not_before,
                          .handed_at = state.handed_at,
                          .memory_overhead_mib = term_.job_template.settings().memory_overhead_mib};
  // Names sort by time.
  for (const auto& [name, job] : state.jobs) {
    situation.jobs.push_back({.name = name,
                              .class_index = job->class_index,
                              .created_at = job->created_at,
                              .is_ready = job->is_ready,
                              .is_reserved = job->is_reserved});
  }
  for (PoolTarget& target : state.targets) situation.targets.push_back(target.Target(now));
  term_.instruments.pool_target.Set(
      std::accumulate(situation.targets.begin(), situation.targets.end(), 0));
  return situation;
}

void WarmPool::DeleteRetired() {
  Jobs retired;
  {
    auto state = state_.Acquire();
    retired.swap(state->retired);
  }
  if (retired.empty()) return;
  std::vector<std::string> names;
  // Channels close here, without the lock: closing waits for handlers.
  for (auto& [name, job] : retired) {
    job.reset();
    names.push_back(name);
  }
  // The store decides: this controller may have been paused, and its successor may have given one
  // of these Jobs to a run.
  const auto permitted = term_.store.Retire(term_.epoch, names);
  if (!permitted && permitted.error().code == base::ErrorCode::kConflict)
    return static_cast<void>(term_.end.request_stop());
  if (permitted) {
    for (const std::string& name : names) {
      if (std::ranges::find(*permitted, name) == permitted->end()) retired.erase(name);
    }
    // One failure at most, so that a tick ends with a call's deadline; the rest waits for the next.
    while (!retired.empty()) {
      const std::string& name = retired.begin()->first;
      const auto job = term_.cluster.Look(name).job;
      if (!term_.client.DeleteJob(name, job ? job->meta.uid : "")) break;
      retired.erase(retired.begin());
    }
  }
  auto state = state_.Acquire();
  state->retired.merge(retired);
}

void WarmPool::Post(const std::string& job_name, const PoolClass& pool_class) {
  const auto job =
      term_.client.CreateJob(term_.job_template.Render({.name = job_name,
                                                        .memory_mib = pool_class.memory_mib,
                                                        .priority_class = settings_.priority_class,
                                                        .pool_class = pool_class.name}));
  if (job) {
    term_.instruments.pool_created.Add();
    return;
  }
  Log(Level::kWarning, "waiting Job not created",
      {{"job", job_name}, {"error", job.error().message}});
  Drop(job_name);
}

void WarmPool::Reconcile(const std::string& job_name) {
  std::shared_ptr<WarmJob> job;
  {
    auto state = state_.Acquire();
    const auto found = state->jobs.find(job_name);
    if (found == state->jobs.end()) return;
    job = found->second;
  }
  if (!std::exchange(job->posted, true)) return Post(job_name, settings_.classes[job->class_index]);

  WaitingJob now{.time = term_.clock.Monotonic(),
                 .cluster = term_.cluster.Look(job_name),
                 .channel = job->channel->Look(),
                 .created_at = job->created_at,
                 .scheduled_at = {},
                 .first_attach = term_.pace.FirstAttach(),
                 .heard_at = {},
                 .was_seen = job->was_seen,
                 .was_ready = job->is_ready};
  job->was_seen = job->was_seen || now.cluster.job;
  if (now.cluster.pod && now.cluster.pod->scheduled && !job->scheduled_at)
    job->scheduled_at = now.time;
  now.scheduled_at = job->scheduled_at;
  const bool is_first_word = now.channel.heard_at && !job->heard_at;
  if (is_first_word && job->scheduled_at && !job->is_adopted)
    term_.pace.Record(base::Milliseconds(base::MillisecondsBetween(*job->scheduled_at, now.time)));
  if (now.channel.heard_at) job->heard_at = now.channel.heard_at;
  now.heard_at = job->heard_at;
  const WaitingJobPlan plan = PlanWaitingJob(now, settings_);
  if (plan.is_lost) {
    Log(Level::kWarning, "waiting Job lost",
        {{"job", job_name},
         {"state", now.cluster.pod ? now.cluster.pod->container.reason : std::string("no pod")},
         {"fault", now.channel.records.fault}});
    return Drop(job_name);
  }
  if (now.channel.records.ready && now.channel.heard_at && !job->is_ready) {
    term_.instruments.CountStart(now.channel.records.ready->snapshot);
    BecomeReady(*job);
  }
  if (plan.step == LinkStep::kConnect) job->channel->Connect(now.cluster.pod->meta.name);
  if (plan.step == LinkStep::kAsk) job->channel->Ask();
  if (plan.again) term_.queue->AddAfter(job_name, *plan.again);
}

void WarmPool::BecomeReady(WarmJob& job) {
  {
    auto state = state_.Acquire();
    job.is_ready = true;
    state->backoff.Reset();
  }
  term_.instruments.pool_refill.ObserveSeconds(
      std::chrono::duration<double>(term_.clock.Monotonic() - job.created_at).count());
  term_.on_place();
}

void WarmPool::Drop(const std::string& job_name) {
  auto state = state_.Acquire();
  const auto found = state->jobs.find(job_name);
  // A reserved Job may be a run's by now; if it is lost, that run's reconciler finds out.
  if (found == state->jobs.end() || found->second->is_reserved) return;
  const bool failed = !found->second->is_ready;
  state->retired.insert(state->jobs.extract(found));
  if (!failed) return;
  term_.instruments.pool_lost.Add();
  state->create_not_before = term_.clock.Monotonic() + state->backoff.Next();
}

bool WarmPool::Owns(const std::string& job_name) const {
  auto state = state_.Acquire();
  return state->jobs.contains(job_name);
}

std::vector<std::string> WarmPool::Reserve(const PoolClass& pool_class, int most) {
  std::vector<std::string> names;
  const auto now = term_.clock.Monotonic();
  auto state = state_.Acquire();
  for (auto& [name, job] : state->jobs) {
    if (std::ssize(names) >= most) break;
    if (!job->is_ready || job->is_reserved ||
        settings_.classes[job->class_index].name != pool_class.name)
      continue;
    if (!delivery::IsFresh(job->channel->Look(), now)) continue;
    job->is_reserved = true;
    names.push_back(name);
  }
  return names;
}

void WarmPool::Release(const std::vector<std::string>& job_names) {
  auto state = state_.Acquire();
  for (const std::string& name : job_names) {
    const auto found = state->jobs.find(name);
    if (found == state->jobs.end()) continue;
    found->second->is_reserved = false;
    // It may have been lost meanwhile.
    term_.queue->Add(name);
  }
}

std::shared_ptr<RunChannel> WarmPool::Hand(const std::string& job_name) {
  auto state = state_.Acquire();
  const auto taken = state->jobs.extract(job_name);
  if (taken) state->handed_at = term_.clock.Monotonic();
  return taken ? taken.mapped()->channel : nullptr;
}

void WarmPool::OnArrival(const domain::Limits& limits) {
  const auto& classes = settings_.classes;
  const auto fits = std::ranges::find_if(
      classes, [&](const PoolClass& each) { return limits.memory_mib <= each.memory_mib; });
  if (limits.scratch_mib > 0 || fits == classes.end()) return;
  auto state = state_.Acquire();
  state->targets[static_cast<std::size_t>(fits - classes.begin())].OnArrivals(
      1, term_.clock.Monotonic());
}

}  // namespace oneshot::pool
