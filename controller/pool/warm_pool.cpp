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
constexpr std::size_t kMaxWaitingLog = 64 << 10;  // a waiting runner says one line

}  // namespace

PoolMetrics::PoolMetrics(telemetry::Metrics& metrics)
    : ready(metrics.MakeGauge("oneshot_pool_ready", "Jobs that wait for a run")),
      starting(metrics.MakeGauge("oneshot_pool_starting", "Jobs that will wait soon")),
      target(metrics.MakeGauge("oneshot_pool_target", "Jobs that should wait")),
      created(metrics.MakeCounter("oneshot_pool_created_total", "Waiting Jobs created")),
      lost(metrics.MakeCounter("oneshot_pool_lost_total", "Waiting Jobs that ended without a run")),
      refill(
          metrics.MakeHistogram("oneshot_pool_refill_seconds", "Creating a Job until it waits")) {}

WarmPool::WarmPool(Parts parts, PoolSettings settings)
    : parts_(std::move(parts)), settings_(std::move(settings)) {
  auto state = state_.Acquire();
  for (const PoolClass& each : settings_.classes) {
    state->classes.push_back({PoolTarget({.minimum = each.minimum, .maximum = each.maximum})});
  }
}

base::Status WarmPool::Adopt() {
  std::vector<std::string> names;
  for (const kube::Job& job : parts_.cluster.Jobs()) {
    if (manifest::IsWarmJobName(job.meta.name)) names.push_back(job.meta.name);
  }
  if (names.empty()) return {};
  const auto claimed = parts_.store.ClaimedJobs(names);
  if (!claimed) return claimed.error();
  for (const std::string& name : names) {
    if (std::ranges::find(*claimed, name) != claimed->end()) continue;
    const auto sight = parts_.cluster.Look(name);
    if (!sight.job) continue;
    const auto label = [&](const char* key) {
      const auto found = sight.job->labels.find(key);
      return found == sight.job->labels.end() ? std::string() : found->second;
    };
    const std::string class_name = label(manifest::kPoolClassLabel);
    const auto pool_class = std::ranges::find(settings_.classes, class_name, &PoolClass::name);
    const bool usable = pool_class != settings_.classes.end() &&
                        label(manifest::kTemplateLabel) == parts_.job_template.fingerprint() &&
                        !HasEnded(*sight.job) && !sight.job->meta.deleting;
    auto state = state_.Acquire();
    if (!usable) {
      state->to_delete.push_back(name);
      continue;
    }
    const auto index = static_cast<std::size_t>(pool_class - settings_.classes.begin());
    ++state->classes[index].starting;
    state->jobs[name] = {.class_index = index,
                         .channel = MakeChannel(name),
                         .created_at = parts_.clock.Monotonic(),
                         .posted = true,
                         .seen = true};
    parts_.queue.Add(name);
  }
  return {};
}

std::shared_ptr<RunChannel> WarmPool::MakeChannel(const std::string& job_name) {
  return std::make_shared<RunChannel>(parts_.attacher, parts_.clock,
                                      [this, job_name] { parts_.queue.Add(job_name); });
}

void WarmPool::Tick(Refill refill) {
  RetireOld();
  CreateMissing(refill);
  DeleteRetired();
}

void WarmPool::CreateMissing(Refill refill) {
  const auto now = parts_.clock.Monotonic();
  std::vector<std::string> names;
  {
    auto state = state_.Acquire();
    int targets = 0;
    int ready = 0;
    int starting = 0;
    std::int64_t memory_mib = 0;
    const auto needs_of = [this](std::size_t class_index) {
      return settings_.classes[class_index].memory_mib +
             parts_.job_template.settings().memory_overhead_mib;
    };
    for (const auto& [name, job] : state->jobs) memory_mib += needs_of(job.class_index);
    for (Class& each : state->classes) starting += each.starting;
    for (std::size_t i = 0; i < state->classes.size(); ++i) {
      Class& each = state->classes[i];
      const int target = each.target.Target(now);
      targets += target;
      ready += each.ready;
      const std::int64_t needs = needs_of(i);
      while (refill == Refill::kNow && each.starting + each.ready < target &&
             starting < settings_.max_starting &&
             memory_mib + needs <= settings_.memory_budget_mib && now >= state->create_not_before) {
        const std::string name = manifest::WarmJobName(domain::NewRunId(parts_.clock.Wall()));
        state->jobs[name] = {.class_index = i, .channel = MakeChannel(name), .created_at = now};
        ++each.starting;
        ++starting;
        memory_mib += needs;
        names.push_back(name);
      }
    }
    parts_.metrics.target.Set(targets);
    parts_.metrics.starting.Set(starting);
    parts_.metrics.ready.Set(ready);
  }
  for (const std::string& name : names) parts_.queue.Add(name);
}

void WarmPool::Post(const std::string& job_name) {
  std::string class_name;
  std::int64_t memory_mib = 0;
  {
    auto state = state_.Acquire();
    const auto found = state->jobs.find(job_name);
    if (found == state->jobs.end()) return;
    found->second.posted = true;
    class_name = settings_.classes[found->second.class_index].name;
    memory_mib = settings_.classes[found->second.class_index].memory_mib;
  }
  const auto job = parts_.client.CreateJob(
      parts_.job_template.Render({.name = job_name,
                                  .memory_mib = memory_mib,
                                  .priority_class = settings_.priority_class,
                                  .pool_class = class_name}));
  if (job) {
    parts_.metrics.created.Add();
    return;
  }
  Log(Level::kWarning, "waiting Job not created",
      {{"job", job_name}, {"error", job.error().message}});
  Drop(job_name, /*failed=*/true);
}

void WarmPool::RetireOld() {
  const auto now = parts_.clock.Monotonic();
  std::vector<std::string> old;
  {
    auto state = state_.Acquire();
    std::vector<int> surplus;
    for (Class& each : state->classes)
      surplus.push_back(each.ready + each.starting - each.target.Target(now));
    // Names sort by time: the oldest go first.
    for (const auto& [name, job] : state->jobs) {
      if (job.reserved || !job.ready) continue;
      const bool expired = now - job.created_at >= settings_.max_idle_age;
      if (!expired && surplus[job.class_index] <= 0) continue;
      --surplus[job.class_index];
      old.push_back(name);
    }
  }
  for (const std::string& name : old) Drop(name, /*failed=*/false);
}

void WarmPool::DeleteRetired() {
  std::vector<std::string> names;
  {
    auto state = state_.Acquire();
    names.swap(state->to_delete);
  }
  // One failure at most, so that a tick ends with a call's deadline; the rest waits for the next.
  std::size_t deleted = 0;
  while (deleted < names.size() && parts_.client.DeleteJob(names[deleted], "")) ++deleted;
  names.erase(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(deleted));
  auto state = state_.Acquire();
  state->to_delete.insert(state->to_delete.end(), names.begin(), names.end());
}

void WarmPool::Reconcile(const std::string& job_name) {
  std::shared_ptr<RunChannel> channel;
  base::MonotonicTime created_at;
  bool posted = false;
  bool was_ready = false;
  bool vanished = false;
  std::optional<base::MonotonicTime> log_read_at;
  const auto sight = parts_.cluster.Look(job_name);
  {
    auto state = state_.Acquire();
    const auto found = state->jobs.find(job_name);
    if (found == state->jobs.end()) return;
    vanished = found->second.seen && !sight.job;
    found->second.seen = found->second.seen || sight.job;
    channel = found->second.channel;
    created_at = found->second.created_at;
    posted = found->second.posted;
    was_ready = found->second.ready;
    log_read_at = found->second.log_read_at;
  }
  if (!posted) return Post(job_name);

  const auto now = parts_.clock.Monotonic();
  const auto view = channel->Look();
  const bool gone = vanished || (was_ready && !sight.pod) ||
                    (sight.pod && (HasEnded(*sight.pod) || sight.pod->meta.deleting)) ||
                    (sight.job && (HasEnded(*sight.job) || sight.job->meta.deleting));
  if (gone || (!view.ready && now - created_at >= settings_.start_timeout)) {
    const bool failed = !was_ready;
    Log(Level::kWarning, "waiting Job lost",
        {{"job", job_name},
         {"state", sight.pod ? sight.pod->container.reason : std::string("no pod")}});
    return Drop(job_name, failed);
  }
  if (!view.ready) parts_.queue.AddAfter(job_name, settings_.start_timeout);
  // Nobody waits for this Job yet: its status may say in its own time that there is somebody to
  // attach to.
  if (!sight.pod || sight.pod->container.kind != kube::ContainerState::Kind::kRunning) return;

  const Milliseconds in_link(base::MillisecondsBetween(view.link_changed, now));
  if (view.link == RunChannel::Link::kNone) return channel->Connect(sight.pod->meta.name);
  if (view.link == RunChannel::Link::kClosed) {
    const Milliseconds pause = delivery::ConnectPause(view.failures);
    if (in_link >= pause) return channel->Connect(sight.pod->meta.name);
    return parts_.queue.AddAfter(job_name, pause - in_link);
  }
  if (view.link != RunChannel::Link::kOpen) return;
  if (!view.ready) {
    const bool rested = !log_read_at || now - *log_read_at >= kReadyPatience;
    if (in_link >= kReadyPatience && rested)
      return ReadLog(job_name, sight.pod->meta.name, *channel);
    return parts_.queue.AddAfter(job_name, kReadyPatience);
  }
  if (was_ready) return;
  {
    auto state = state_.Acquire();
    const auto found = state->jobs.find(job_name);
    if (found == state->jobs.end() || found->second.ready) return;
    found->second.ready = true;
    Class& its_class = state->classes[found->second.class_index];
    --its_class.starting;
    ++its_class.ready;
    state->backoff.Reset();
  }
  parts_.metrics.refill.ObserveSeconds(std::chrono::duration<double>(now - created_at).count());
  parts_.on_ready();
}

void WarmPool::ReadLog(const std::string& job_name, const std::string& pod_name,
                       RunChannel& channel) {
  {
    auto state = state_.Acquire();
    const auto found = state->jobs.find(job_name);
    if (found != state->jobs.end()) found->second.log_read_at = parts_.clock.Monotonic();
  }
  const auto log = parts_.client.ReadLog(pod_name, kMaxWaitingLog);
  if (log) channel.AddLog(*log);
  parts_.queue.AddAfter(job_name, log && channel.Look().ready ? Milliseconds(0) : kReadyPatience);
}

void WarmPool::CountOut(State& state, const WarmJob& job) {
  Class& its_class = state.classes[job.class_index];
  --(job.ready ? its_class.ready : its_class.starting);
}

void WarmPool::Drop(const std::string& job_name, bool failed) {
  std::shared_ptr<RunChannel> channel;  // closes after the lock is released
  auto state = state_.Acquire();
  const auto found = state->jobs.find(job_name);
  // A reserved Job may be a run's by now; if it is lost, that run's reconciler finds out.
  if (found == state->jobs.end() || found->second.reserved) return;
  channel = std::move(found->second.channel);
  CountOut(*state, found->second);
  state->jobs.erase(found);
  state->to_delete.push_back(job_name);
  if (!failed) return;
  parts_.metrics.lost.Add();
  state->create_not_before = parts_.clock.Monotonic() + state->backoff.Next();
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
    if (!job.ready || job.reserved || settings_.classes[job.class_index].name != pool_class.name)
      continue;
    if (job.channel->Look().link != RunChannel::Link::kOpen) continue;
    job.reserved = true;
    names.push_back(name);
  }
  return names;
}

void WarmPool::Release(const std::vector<std::string>& job_names) {
  for (const std::string& name : job_names) {
    {
      auto state = state_.Acquire();
      const auto found = state->jobs.find(name);
      if (found == state->jobs.end()) continue;
      found->second.reserved = false;
    }
    parts_.queue.Add(name);  // it may have been lost meanwhile
  }
}

std::shared_ptr<RunChannel> WarmPool::Hand(const std::string& job_name) {
  auto state = state_.Acquire();
  const auto found = state->jobs.find(job_name);
  if (found == state->jobs.end()) return nullptr;
  auto channel = std::move(found->second.channel);
  CountOut(*state, found->second);
  state->jobs.erase(found);
  return channel;
}

void WarmPool::OnArrival(const domain::Limits& limits) {
  const auto& classes = settings_.classes;
  const auto fits = std::ranges::find_if(
      classes, [&](const PoolClass& each) { return limits.memory_mib <= each.memory_mib; });
  if (limits.scratch_mib > 0 || fits == classes.end()) return;
  auto state = state_.Acquire();
  state->classes[static_cast<std::size_t>(fits - classes.begin())].target.OnArrivals(
      1, parts_.clock.Monotonic());
}

}  // namespace oneshot::pool
