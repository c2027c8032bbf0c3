#include "tests/simulation/controller.h"

#include <algorithm>
#include <utility>

#include "core/telemetry/log.h"

namespace oneshot::simulation {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

controller::Options MakeOptions() {
  controller::Options options;
  options.jobs.run_namespace = "runs";
  options.jobs.image = "python:1";
  options.workers = 2;
  options.max_active_runs = 4;
  options.max_active_runs_per_submitter = 3;
  options.max_cold_runs = 3;
  options.reconcile.max_attempts = kMaxAttempts;
  // Short, so that controllers may be away for longer.
  options.reconcile.plan.result_hold = seconds(100);
  options.pool.classes = {{.name = "default", .memory_mib = 256, .minimum = 1, .maximum = 2}};
  // Short, so that waiting Jobs are retired within a schedule.
  options.pool.max_idle_age = seconds(20);
  return options;
}

// Longer than any schedule.
constexpr auto kForever = hours(1);

}  // namespace

Equipment::Equipment()
    : options(MakeOptions()),
      job_template(*manifest::JobTemplate::Parse(
          "{spec: {template: {spec: {containers: [{name: python}]}}}}", options.jobs)) {
  telemetry::SetLogLevel(telemetry::Level::kError);
}

std::string Controller::Random::Bytes(std::size_t size) {
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(state_ = Mix(state_));
  return bytes;
}

double Controller::Random::Fraction() {
  state_ = Mix(state_);
  return static_cast<double>(state_ >> 11) / static_cast<double>(1ULL << 53);
}

Controller::Controller(World& world, Oracle& oracle, Cluster& cluster, test::MemoryRunStore& store,
                       Equipment& equipment, FaultSet faults, std::string name, Chooser chooser)
    : Process(world, faults, name, chooser),
      cluster_(cluster),
      equipment_(equipment),
      options_(equipment.options),
      clock_(world),
      random_(chooser),
      store_(*this, store, oracle),
      client_(*this, cluster, name),
      attacher_(world, oracle, cluster, *this, chooser) {
  options_.identity = std::move(name);
}

Controller::~Controller() { Bury(); }

void Controller::Boot() {
  if (is_up_) return;
  is_up_ = true;
  world_.Note(name_, "begins");
  view_ = std::make_unique<cluster::ClusterView>();
  jobs_ = std::make_shared<ViewFeed<kube::Job>>(world_, cluster_, *this, chooser_,
                                                view_->JobHandlers());
  pods_ = std::make_shared<ViewFeed<kube::Pod>>(world_, cluster_, *this, chooser_,
                                                view_->PodHandlers());
  main_ = Start([this] { Main(); });
}

void Controller::Forget() {
  if (jobs_) jobs_->Close();
  if (pods_) pods_->Close();
  workers_.clear();
  loops_.clear();
  leader_ = nullptr;
  main_ = nullptr;
  term_.reset();
  elector_.reset();
  view_.reset();
  alarm_.reset();
}

void Controller::Main() {
  SleepUntil(world_.now() + Milliseconds(1 + world_.choices.Scaled(chooser_, 3'000)));
  while (!world_.is_calm && api_away_until() > world_.now()) SleepUntil(world_.now() + seconds(1));
  jobs_->List();
  pods_->List();
  elector_.emplace(client_, clock_, random_, options_.lease_name, options_.identity,
                   lease::Timing{}, lease::Callbacks{});
  while (true) {
    elector_->Step();
    if (!elector_->IsLeader()) {
      Idle(world_.now() + elector_->Pause());
      continue;
    }
    lead_ = std::stop_source();
    leader_ = Start([this] { Lead(); });
    // As LeaseElector::Lead.
    while (leader_) {
      if (elector_->IsLeader() && !lead_.stop_requested()) {
        Idle(world_.now() + elector_->Pause());
      } else if (!lead_.stop_requested()) {
        lead_.request_stop();
      } else {
        Idle(world_.now() + kForever);
        continue;
      }
      if (!leader_) break;
      if (!elector_->IsLeader()) {
        lead_.request_stop();
      } else if (!lead_.stop_requested()) {
        elector_->Step();
      }
    }
  }
}

void Controller::Lead() {
  auto term =
      controller::LeaderTerm::Begin(options_,
                                    {.store = store_,
                                     .notifier = notifier_,
                                     .client = client_,
                                     .attacher = attacher_,
                                     .background = background_,
                                     .cluster = *view_,
                                     .list_anew = [this](std::stop_token) { return ListAnew(); },
                                     .job_template = equipment_.job_template,
                                     .instruments = equipment_.instruments,
                                     .clock = clock_,
                                     .random = random_,
                                     .heartbeats = heartbeats_},
                                    lead_.get_token());
  if (term) {
    world_.Note(name_, "leads");
    term_ = *std::move(term);
    for (base::Loop* loop : term_->Loops())
      loops_.push_back({loop, Start([this, loop] { RunLoop(*loop); })});
    for (int i = 0; i < options_.workers; ++i) workers_.push_back(Start([this] { Work(); }));
    const auto is_done = [](const Thread* thread) { return thread->fiber.HasFinished(); };
    while (!std::ranges::all_of(loops_, is_done, &LoopThread::thread) ||
           !std::ranges::all_of(workers_, is_done)) {
      Idle(world_.now() + kForever);
    }
    world_.Note(name_, "leads no longer");
    loops_.clear();
    workers_.clear();
    term_.reset();
  } else {
    Idle(world_.now() + seconds(1));
  }
  leader_ = nullptr;
  // The elector goes on at once.
  if (main_->is_idle) WakeUp(main_);
}

base::Status Controller::ListAnew() {
  for (const bool of_jobs : {true, false}) {
    SleepUntil(world_.now() + Milliseconds(1 + world_.choices.Scaled(chooser_, 100)));
    if (api_away_until() > world_.now())
      return base::Error{base::ErrorCode::kUnavailable, "no API server"};
    of_jobs ? jobs_->List() : pods_->List();
  }
  return {};
}

bool Controller::IsOver() const { return term_->end().stop_requested(); }

void Controller::RunLoop(base::Loop& loop) {
  bool woken = false;
  while (!IsOver()) {
    const auto pause = loop.Step(term_->end().get_token(), woken);
    const auto until = world_.now() + pause;
    if (!IsOver() && pause.count() > 0) Idle(until);
    woken = pause.count() > 0 && world_.now() < until;
  }
}

void Controller::Work() {
  while (!IsOver()) {
    if (term_->WorkOnce()) {
      SleepUntil(world_.now() + microseconds(100));
    } else {
      Idle(world_.now() + kForever);
    }
  }
}

void Controller::Poke() {
  if (!has_news_ || !is_up_ || !IsAwake()) return;
  has_news_ = false;
  if (term_ && lead_.stop_requested() && !IsOver()) (void)term_->end().request_stop();
  const bool is_over = term_ && IsOver();
  bool all_done = term_ != nullptr;
  for (const LoopThread& each : loops_) {
    const bool is_woken = each.thread->is_idle && (is_over || each.loop->TakeWake());
    if (is_woken) WakeUp(each.thread);
    all_done = all_done && each.thread->fiber.HasFinished();
  }
  const auto next = term_ ? term_->NextWork() : std::nullopt;
  bool is_due = next && *next <= world_.now();
  for (Thread* worker : workers_) {
    if (worker->is_idle && (is_over || std::exchange(is_due, false))) {
      const bool is_late = world_.choices.OneIn(chooser_, 10);
      WakeUp(worker, Milliseconds(is_late ? world_.choices.Scaled(chooser_, 100) : 0));
    }
    all_done = all_done && worker->fiber.HasFinished();
  }
  if (next && *next > world_.now() && (!alarm_ || *next < *alarm_)) {
    alarm_ = next;
    world_.At(*next, [this, at = *next] {
      if (alarm_ != at) return;
      alarm_.reset();
      has_news_ = true;
    });
  }
  if (leader_ && leader_->is_idle && all_done) WakeUp(leader_);
}

void Controller::OnQueue() {
  world_.After(Milliseconds(1 + world_.choices.Scaled(chooser_, 100)), [this] {
    if (!is_up_ || !IsAwake() || !term_) return;
    term_->OnQueue();
    has_news_ = true;
  });
}

void Controller::HangWatches(MonotonicTime until, bool jobs, bool pods, bool lists) {
  if (!is_up_) return;
  world_.Note(name_, lists ? "its watches hang, then list" : "its watches hang");
  if (jobs) jobs_->Hang(until, lists);
  if (pods) pods_->Hang(until, lists);
}

void Controller::PokeFeeds() {
  if (!is_up_) return;
  jobs_->Poke();
  pods_->Poke();
}

void Controller::Heal() {
  Process::Heal();
  has_news_ = true;
  if (!is_up_) return;
  jobs_->Heal();
  pods_->Heal();
}

}  // namespace oneshot::simulation
