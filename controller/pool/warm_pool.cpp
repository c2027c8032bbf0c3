#include "controller/pool/warm_pool.h"

#include <algorithm>
#include <utility>

#include "controller/manifest/names.h"
#include "core/domain/run_id.h"
#include "core/telemetry/log.h"

namespace oneshot::pool {
namespace {

using base::Milliseconds;
using delivery::RunChannel;
using telemetry::Level;
using telemetry::Log;

// `ready` comes by the attach unless it was opened too late; then the log has it.
constexpr Milliseconds kReadyPatience{2'000};
// After a Job that could not be made.
constexpr auto kFirstPause = std::chrono::seconds(1);
constexpr auto kLongestPause = std::chrono::seconds(60);
constexpr std::size_t kMaxWaitingLog = 64 << 10;  // a waiting runner says one line

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
  channel->SetOnEvent([this, job_name] { term_.queue.Add(job_name); });
  state.jobs[job_name] = std::make_shared<WarmJob>(WarmJob{.class_index = class_index,
                                                           .channel = std::move(channel),
                                                           .created_at = term_.clock.Monotonic(),
                                                           .posted = posted,
                                                           .seen = posted});
  term_.queue.Add(job_name);
}

void WarmPool::Tick(Refill refill) {
  {
    auto state = state_.Acquire();
    RetireOld(*state);
    CreateMissing(*state, refill);
  }
  DeleteRetired();
}

std::vector<WarmPool::Count> WarmPool::CountJobs(const State& state) {
  std::vector<Count> counts(state.targets.size());
  for (const auto& [name, job] : state.jobs) {
    Count& count = counts[job->class_index];
    ++(job->ready ? count.ready : count.starting);
  }
  return counts;
}

void WarmPool::RetireOld(State& state) const {
  const auto now = term_.clock.Monotonic();
  std::vector<Count> counts = CountJobs(state);
  // Names sort by time: the oldest go first.
  for (auto next = state.jobs.begin(); next != state.jobs.end();) {
    const auto each = next++;
    const WarmJob& job = *each->second;
    Count& count = counts[job.class_index];
    if (job.reserved || !job.ready) continue;
    const bool expired = now - job.created_at >= settings_.max_idle_age;
    const int target = state.targets[job.class_index].Target(now);
    if (!expired && count.ready + count.starting <= target) continue;
    --count.ready;
    state.retired.insert(state.jobs.extract(each));
  }
}

void WarmPool::CreateMissing(State& state, Refill refill) {
  const auto now = term_.clock.Monotonic();
  const bool may_create = refill == Refill::kNow && now >= state.create_not_before;
  const auto needs_of = [this](std::size_t class_index) {
    return settings_.classes[class_index].memory_mib +
           term_.job_template.settings().memory_overhead_mib;
  };
  std::vector<Count> counts = CountJobs(state);
  int targets = 0;
  Count all;
  std::int64_t memory_mib = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    all.starting += counts[i].starting;
    all.ready += counts[i].ready;
    memory_mib += needs_of(i) * (counts[i].starting + counts[i].ready);
  }
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const int target = state.targets[i].Target(now);
    targets += target;
    while (may_create && counts[i].starting + counts[i].ready < target &&
           all.starting < settings_.max_starting &&
           memory_mib + needs_of(i) <= settings_.memory_budget_mib) {
      AddJob(state, manifest::WarmJobName(domain::NewRunId(term_.clock.Wall(), term_.random)), i,
             /*posted=*/false);
      ++counts[i].starting;
      ++all.starting;
      memory_mib += needs_of(i);
    }
  }
  term_.instruments.pool_target.Set(targets);
  term_.instruments.pool_starting.Set(all.starting);
  term_.instruments.pool_ready.Set(all.ready);
}

void WarmPool::DeleteRetired() {
  Jobs retired;
  {
    auto state = state_.Acquire();
    retired.swap(state->retired);
  }
  // Channels close here, without the lock: closing waits for handlers.
  for (auto& [name, job] : retired) job.reset();
  // One failure at most, so that a tick ends with a call's deadline; the rest waits for the next.
  while (!retired.empty() && term_.client.DeleteJob(retired.begin()->first, ""))
    retired.erase(retired.begin());
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

  const auto sight = term_.cluster.Look(job_name);
  const bool vanished = job->seen && !sight.job;
  job->seen = job->seen || sight.job;
  const auto now = term_.clock.Monotonic();
  const auto view = job->channel->Look();
  const bool gone = vanished || (job->ready && !sight.pod) ||
                    (sight.pod && (HasEnded(*sight.pod) || sight.pod->meta.deleting)) ||
                    (sight.job && (HasEnded(*sight.job) || sight.job->meta.deleting));
  if (gone || (!view.records.ready && now - job->created_at >= settings_.start_timeout)) {
    Log(Level::kWarning, "waiting Job lost",
        {{"job", job_name},
         {"state", sight.pod ? sight.pod->container.reason : std::string("no pod")}});
    return Drop(job_name);
  }
  if (!view.records.ready) term_.queue.AddAfter(job_name, settings_.start_timeout);
  // Nobody waits for this Job yet: its status may say in its own time that there is somebody to
  // attach to.
  if (!sight.pod || sight.pod->container.kind != kube::ContainerState::Kind::kRunning) return;

  const Milliseconds in_link(base::MillisecondsBetween(view.link_changed, now));
  if (view.link == RunChannel::Link::kOpening) return;
  if (view.link != RunChannel::Link::kOpen) {
    const Milliseconds pause = delivery::ConnectPause(view.failures);
    if (in_link >= pause) return job->channel->Connect(sight.pod->meta.name);
    return term_.queue.AddAfter(job_name, pause - in_link);
  }
  if (!view.records.ready) {
    const bool rested = !job->log_read_at || now - *job->log_read_at >= kReadyPatience;
    if (in_link >= kReadyPatience && rested) {
      job->log_read_at = now;
      const auto log = term_.client.ReadLog(sight.pod->meta.name, kMaxWaitingLog);
      if (log) job->channel->AddLog(*log);
    }
    return term_.queue.AddAfter(job_name, kReadyPatience);
  }
  if (job->ready) return;
  {
    auto state = state_.Acquire();
    job->ready = true;
    state->backoff.Reset();
  }
  term_.instruments.pool_refill.ObserveSeconds(
      std::chrono::duration<double>(now - job->created_at).count());
  term_.on_place();
}

void WarmPool::Drop(const std::string& job_name) {
  auto state = state_.Acquire();
  const auto found = state->jobs.find(job_name);
  // A reserved Job may be a run's by now; if it is lost, that run's reconciler finds out.
  if (found == state->jobs.end() || found->second->reserved) return;
  const bool failed = !found->second->ready;
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
  auto state = state_.Acquire();
  for (auto& [name, job] : state->jobs) {
    if (std::ssize(names) >= most) break;
    if (!job->ready || job->reserved || settings_.classes[job->class_index].name != pool_class.name)
      continue;
    if (job->channel->Look().link != RunChannel::Link::kOpen) continue;
    job->reserved = true;
    names.push_back(name);
  }
  return names;
}

void WarmPool::Release(const std::vector<std::string>& job_names) {
  auto state = state_.Acquire();
  for (const std::string& name : job_names) {
    const auto found = state->jobs.find(name);
    if (found == state->jobs.end()) continue;
    found->second->reserved = false;
    term_.queue.Add(name);  // it may have been lost meanwhile
  }
}

std::shared_ptr<RunChannel> WarmPool::Hand(const std::string& job_name) {
  auto state = state_.Acquire();
  const auto taken = state->jobs.extract(job_name);
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
