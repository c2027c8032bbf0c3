#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/result.h"
#include "tests/simulation/faults.h"
#include "tests/simulation/fiber.h"
#include "tests/simulation/link.h"

namespace oneshot::simulation {

/// Unwinds every fiber of a process that is killed. No production code catches it.
struct Killed {};

/// One process with its threads, each of which is a fiber: they wait, call out, and are all paused
/// or killed together.
class Process : public Patience {
 public:
  Process(World& world, FaultSet faults, std::string name, Chooser chooser)
      : world_(world), faults_(faults), name_(std::move(name)), chooser_(chooser) {}
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  bool IsAwake() const override { return world_.is_calm || paused_until_ <= world_.now(); }
  void Defer(std::function<void()> act) override { deferred_.push_back(std::move(act)); }
  void OnNews() override { has_news_ = true; }
  MonotonicTime api_away_until() const override {
    return world_.is_calm ? MonotonicTime{} : api_away_until_;
  }

  // Faults.

  void Pause(MonotonicTime until);
  /// Everything in memory is gone; it begins again later.
  void Kill(std::chrono::nanoseconds restart_after);
  void HideApi(MonotonicTime until) { api_away_until_ = until; }
  void HideStore(MonotonicTime until) { store_away_until_ = until; }
  /// It is up and awake.
  virtual void Heal();

  /// Lets those go on who have waited for something that has come. After each thing that happens.
  virtual void Poke() = 0;

  void Note(std::string_view what) { world_.Note(name_, what); }

  enum class Side { kStore, kApi };
  enum class Effect { kRead, kWrite };
  /// What a call does, for notes: made of parts that cost nothing until somebody reads them.
  struct What {
    const char* verb;
    std::string object{};
    /// Asked for again and again: told only when it fails or brings something.
    bool is_routine{true};
  };

  /// What a client does with one call: time passes before `effect` and after it, and the answer may
  /// be lost. R is a Status or a Result. `effect` must own what it looks at: it happens even if the
  /// caller is no more.
  template <typename R, typename Function>
  R Call(Side side, Effect kind, What what, Function effect,
         std::optional<Milliseconds> timeout = std::nullopt) {
    const Journey journey = Plan(side, kind, timeout);
    auto answer = std::make_shared<std::optional<R>>();
    if (journey.arrives) {
      world_.After(journey.there,
                   [this, answer, what = std::move(what), effect = std::move(effect)] {
                     *answer = effect();
                     if (world_.IsTraced()) NoteAnswer(what, **answer);
                   });
    } else if (world_.IsTraced()) {
      NoteFailure(what, "does not arrive");
    }
    if (journey.kills) KillMyself();
    SleepUntil(world_.now() + journey.there + journey.back);
    if (journey.error) {
      if (journey.arrives) world_.Note(name_, "does not get an answer");
      return base::Error{*journey.error, "lost"};
    }
    return *std::move(*answer);
  }

 protected:
  struct Thread {
    Thread(Process& its_process, std::function<void()> body)
        : process(its_process), fiber(std::move(body)) {}
    Process& process;
    Fiber fiber;
    /// Counts waits, so that a wait that was cut short is not ended a second time.
    std::uint64_t waits{0};
    /// It waits for its own work, not for an answer: whoever has news may end that.
    bool is_idle{false};
  };

  virtual void Boot() = 0;
  /// Every thread has been unwound.
  virtual void Forget() = 0;

  Thread* Start(std::function<void()> body);
  /// From inside a thread: until `until`, or until somebody calls WakeUp for it.
  void SleepUntil(MonotonicTime until);
  void Idle(MonotonicTime until);
  void WakeUp(Thread* thread, std::chrono::nanoseconds delay = {});
  void Bury();

  World& world_;
  const FaultSet faults_;
  const std::string name_;
  const Chooser chooser_;
  bool is_up_{false};
  Thread* current_{nullptr};
  /// Something may have come for one of its threads.
  bool has_news_{false};

 private:
  struct Journey {
    std::chrono::nanoseconds there{};
    std::chrono::nanoseconds back{};
    bool arrives{true};
    std::optional<base::ErrorCode> error;
    bool kills{false};
  };

  template <typename R>
  void NoteAnswer(const What& what, const R& answer) {
    if (!answer) {
      NoteFailure(what, answer.error().message);
    } else if (!what.is_routine) {
      world_.Note(name_, what.verb + what.object);
    }
  }
  void NoteFailure(const What& what, const std::string& how);
  Journey Plan(Side side, Effect kind, std::optional<Milliseconds> timeout);
  [[noreturn]] void KillMyself();
  void Awake();
  void Resume(Thread* thread, std::uint64_t wait);

  /// All that there ever were: what happens later may still look at them.
  std::vector<std::unique_ptr<Thread>> threads_;
  MonotonicTime paused_until_{};
  /// What waits for the end of the pause.
  std::vector<std::function<void()>> deferred_;
  MonotonicTime api_away_until_{};
  MonotonicTime store_away_until_{};
};

}  // namespace oneshot::simulation
