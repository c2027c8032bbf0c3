#include "tests/simulation/process.h"

#include <algorithm>

namespace oneshot::simulation {
namespace {

using base::ErrorCode;
using std::chrono::nanoseconds;
using std::chrono::seconds;

// Of every thousand calls, while the fault is about.
constexpr std::uint64_t kOneInSlow = 15;
constexpr std::uint64_t kOneInLost = 15;
constexpr std::uint64_t kOneInKill = 60;
constexpr std::uint64_t kOneInPause = 60;
// The client's own deadline.
constexpr Milliseconds kDeadline{30'000};

}  // namespace

Process::Thread* Process::Start(std::function<void()> body) {
  threads_.push_back(std::make_unique<Thread>(*this, [body = std::move(body)] {
    try {
      body();
    } catch (const Killed&) {
    }
  }));
  WakeUp(threads_.back().get());
  return threads_.back().get();
}

void Process::SleepUntil(MonotonicTime until) {
  Thread* self = current_;
  const std::uint64_t wait = ++self->waits;
  world_.At(until, [self, wait] { self->process.Resume(self, wait); });
  self->fiber.Yield();
  if (!is_up_) throw Killed{};
}

void Process::Idle(MonotonicTime until) {
  Thread* self = current_;
  self->is_idle = true;
  SleepUntil(until);
  self->is_idle = false;
}

void Process::WakeUp(Thread* thread, nanoseconds delay) {
  thread->is_idle = false;
  world_.After(delay, [thread, wait = thread->waits] { thread->process.Resume(thread, wait); });
}

void Process::Resume(Thread* thread, std::uint64_t wait) {
  if (!is_up_ || thread->waits != wait || thread->fiber.HasFinished()) return;
  if (!IsAwake()) return Defer([this, thread, wait] { Resume(thread, wait); });
  ++thread->waits;
  current_ = thread;
  thread->fiber.Resume();
  current_ = nullptr;
  has_news_ = true;
}

void Process::Pause(MonotonicTime until) {
  if (!is_up_) return;
  world_.Note(name_, "is paused");
  paused_until_ = std::max(paused_until_, until);
  world_.At(until, [this] { Awake(); });
}

void Process::Kill(nanoseconds restart_after) {
  if (!is_up_) return;
  world_.Note(name_, "is killed");
  Bury();
  world_.After(restart_after, [this] { Boot(); });
}

void Process::Awake() {
  if (!IsAwake() || deferred_.empty()) return;
  world_.Note(name_, "goes on");
  for (const auto& act : std::exchange(deferred_, {})) act();
}

void Process::Heal() {
  Awake();
  world_.After(Milliseconds(1), [this] { Boot(); });
}

void Process::KillMyself() {
  world_.Note(name_, "is killed");
  is_up_ = false;
  const Milliseconds restart_after(1 + world_.choices.Scaled(chooser_, 400'000));
  world_.After({}, [this] { Bury(); });
  world_.After(restart_after, [this] { Boot(); });
  throw Killed{};
}

void Process::Bury() {
  is_up_ = false;
  // Youngest first: a thread may wait for those that it has started.
  for (auto each = threads_.rbegin(); each != threads_.rend(); ++each) {
    Fiber& fiber = (*each)->fiber;
    current_ = each->get();
    if (fiber.HasBegun() && !fiber.HasFinished()) fiber.Resume();
    // Those that have not begun never will.
    ++current_->waits;
  }
  current_ = nullptr;
  paused_until_ = {};
  deferred_.clear();
  Forget();
}

Process::Journey Process::Plan(Side side, Effect kind, std::optional<Milliseconds> timeout) {
  Choices& choices = world_.choices;
  const bool is_store = side == Side::kStore;
  const auto has = [this](Fault fault) { return faults_.Has(fault); };
  Journey journey{.there = Milliseconds(1), .back = Milliseconds(1)};
  if (!world_.is_calm && (is_store ? store_away_until_ : api_away_until_) > world_.now()) {
    journey.arrives = false;
    journey.error = ErrorCode::kUnavailable;
    if (choices.OneIn(chooser_, 4)) journey.back = seconds(5);
  } else {
    if (choices.OneIn(chooser_, 4)) journey.there += Milliseconds(choices.Scaled(chooser_, 50));
    if (choices.OneIn(chooser_, 4)) journey.back += Milliseconds(choices.Scaled(chooser_, 50));
    if (has(is_store ? Fault::kStoreSlow : Fault::kApiSlow) &&
        choices.OneIn(chooser_, kOneInSlow)) {
      journey.there += Milliseconds(choices.Scaled(chooser_, 20'000));
      journey.back += Milliseconds(choices.Scaled(chooser_, 20'000));
    }
    if (has(is_store ? Fault::kStoreUnknown : Fault::kApiUnknown) &&
        choices.OneIn(chooser_, kOneInLost)) {
      journey.error = kind == Effect::kWrite ? ErrorCode::kUnknownOutcome : ErrorCode::kUnavailable;
      journey.arrives = !choices.OneIn(chooser_, 2);
      // It may even happen long after the caller has given up.
      if (kind == Effect::kWrite && choices.OneIn(chooser_, 3)) {
        journey.back = journey.there + journey.back;
        journey.there += Milliseconds(choices.Scaled(chooser_, 20'000));
        journey.back -= journey.there;
      }
    }
  }
  const nanoseconds limit = timeout.value_or(kDeadline);
  if (journey.there + journey.back > limit) {
    journey.back = limit - journey.there;
    journey.error = kind == Effect::kWrite ? ErrorCode::kUnknownOutcome : ErrorCode::kUnavailable;
  }
  if (has(Fault::kKill) && choices.OneIn(chooser_, kOneInKill)) journey.kills = true;
  if (has(Fault::kPause) && choices.OneIn(chooser_, kOneInPause))
    Pause(world_.now() + Milliseconds(choices.Scaled(chooser_, 120'000)));
  return journey;
}

void Process::NoteFailure(const What& what, const std::string& how) {
  world_.Note(name_, what.verb + what.object + ": " + how);
}

}  // namespace oneshot::simulation
