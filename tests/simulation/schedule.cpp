#include "tests/simulation/schedule.h"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "controller/manifest/names.h"

namespace oneshot::simulation {
namespace {

using std::chrono::seconds;

// After the calm has begun: three attempts with every patience in between, and the age of orphans.
constexpr auto kLongestCalm = seconds(900);
// The Lease of a dead leader, the patience for a runner, and the way to the end.
constexpr auto kCancelPatience = seconds(50);
constexpr Milliseconds kJobTtl{120'000};

class Schedule {
 public:
  Schedule(std::uint64_t seed, const ScheduleSettings& settings, const Choices::Places& calmed,
           bool is_traced, Equipment& equipment)
      : world_(seed, calmed, is_traced),
        faults_(ChooseFaults(settings.faults)),
        oracle_(world_, store_),
        cluster_(world_, oracle_, kJobTtl) {
    world_.only_invariant = settings.only_invariant;
    constexpr std::array kControllers{std::pair("A", Chooser::kControllerA),
                                      std::pair("B", Chooser::kControllerB)};
    for (const auto& [name, chooser] : kControllers) {
      controllers_.push_back(std::make_unique<Controller>(world_, oracle_, cluster_, store_,
                                                          equipment, faults_, name, chooser));
    }
    cluster_.on_change = [this] {
      for (const auto& each : controllers_) each->PokeFeeds();
    };
  }

  ScheduleResult Play() {
    begin_ = world_.now();
    for (const auto& each : controllers_) each->Boot();
    PlanRuns();
    PlanFaults();
    RunUntil(begin_ + horizon_, [this] { return IsQuiet(); });
    BeginCalm();
    const auto calm_began = world_.now();
    RunUntil(calm_began + kCancelPatience, [this] { return IsQuiet(); });
    oracle_.CheckCancelled(kCancelPatience);
    RunUntil(calm_began + kLongestCalm, [this] { return IsQuiet(); });
    if (!world_.IsViolated()) Check();
    controllers_.clear();
    return {.invariant = world_.invariant(),
            .detail = world_.detail(),
            .notes = world_.notes(),
            .choices = world_.choices.taken()};
  }

 private:
  Milliseconds Ms(Chooser chooser, std::int64_t limit) {
    return Milliseconds(world_.choices.Scaled(chooser, limit));
  }
  std::int64_t Below(std::int64_t limit) { return world_.choices.Below(Chooser::kSchedule, limit); }

  /// Up to four kinds.
  FaultSet ChooseFaults(FaultSet allowed) {
    FaultSet chosen = FaultSet::None();
    std::vector<Fault> kinds;
    for (const auto& [fault, name] : kFaults) {
      if (allowed.Has(fault)) kinds.push_back(fault);
    }
    if (kinds.empty()) return chosen;
    for (std::int64_t left = Below(5); left > 0; --left)
      chosen.Add(kinds[static_cast<std::size_t>(Below(std::ssize(kinds)))]);
    return chosen;
  }

  void PlanRuns() {
    Choices& choices = world_.choices;
    constexpr std::array<std::int64_t, 4> kSpans{1'000, 1'000, 20'000, 120'000};
    const std::int64_t span = kSpans[static_cast<std::size_t>(choices.Below(Chooser::kUser, 4))];
    const auto runs = 1 + choices.Below(Chooser::kUser, 4);
    to_submit_ = runs;
    for (int i = 0; i < runs; ++i) {
      Program program;
      program.pieces = static_cast<int>(choices.Below(Chooser::kUser, 4));
      program.hangs = choices.OneIn(Chooser::kUser, 5);
      if (choices.OneIn(Chooser::kUser, 3)) program.wall_ms = 40'000;
      program.exit_code = choices.OneIn(Chooser::kUser, 4) ? 3 : 0;
      const std::string id = "r" + std::to_string(i);
      const auto at = begin_ + Ms(Chooser::kUser, span);
      // Now and then one that does not fit the pool.
      const std::int64_t memory = choices.OneIn(Chooser::kUser, 3) ? 512 : 128;
      world_.At(at, [this, id, program, memory] { Submit(id, program, memory); });
      if (choices.OneIn(Chooser::kUser, 4))
        world_.At(at + Ms(Chooser::kUser, 20'000), [this, id] { Cancel(id); });
    }
  }

  void Submit(const std::string& id, const Program& program, std::int64_t memory_mib) {
    const std::string submitter = id == "r0" ? "a" : "b";
    domain::RunSpec spec{.source = program.ToSource()};
    spec.limits.wall_ms = program.wall_ms;
    spec.limits.memory_mib = memory_mib;
    --to_submit_;
    (void)store_.Submit({.id = id, .spec = spec, .submitter = submitter});
    oracle_.OnSubmit(id, program);
    for (const auto& each : controllers_) each->OnQueue();
  }

  void Cancel(const std::string& id) {
    const auto status = store_.GetStatus(id);
    if (!status || IsTerminal(*status)) return;
    oracle_.OnCancel(id);
    (void)store_.RequestCancel(id);
    for (const auto& each : controllers_) each->OnQueue();
    if (!faults_.IsEmpty()) return;
    // Nothing hinders it.
    world_.After(seconds(25), [this] { oracle_.CheckCancelled(seconds(25)); });
  }

  void PlanFaults() {
    if (faults_.IsEmpty()) {
      horizon_ = seconds(60);
      return;
    }
    constexpr std::array kHorizons{seconds(5), seconds(20), seconds(60), seconds(240)};
    horizon_ = kHorizons[static_cast<std::size_t>(Below(4))];
    for (const auto& [fault, name] : kFaults) {
      if (!faults_.Has(fault)) continue;
      for (std::int64_t left = 1 + Below(3); left > 0; --left) {
        const auto at = begin_ + Ms(Chooser::kSchedule,
                                    std::chrono::duration_cast<Milliseconds>(horizon_).count());
        world_.At(at, [this, kind = fault] { Strike(kind); });
      }
    }
  }

  void Strike(Fault fault) {
    if (world_.is_calm) return;
    const auto until = world_.now() + Ms(Chooser::kSchedule, 400'000);
    const auto soon = world_.now() + Ms(Chooser::kSchedule, 20'000);
    const auto node = static_cast<int>(Below(Cluster::kNodes));
    // One controller, the other, or both.
    const auto whom = Below(3);
    const auto victims = [this, whom](const auto& act) {
      if (whom != 1) act(*controllers_[0]);
      if (whom != 0) act(*controllers_[1]);
    };
    switch (fault) {
      case Fault::kStoreDown:
        world_.Note("fault", "the database is away");
        return victims([&](Controller& each) { each.HideStore(until); });
      case Fault::kApiDown:
        world_.Note("fault", "the API server is away");
        return victims([&](Controller& each) { each.HideApi(until); });
      case Fault::kJobController:
        return cluster_.StopJobController(until);
      case Fault::kWatch:
        return victims([&](Controller& each) {
          each.HangWatches(until, Below(3) != 1, Below(3) != 1, Below(2) == 1);
        });
      case Fault::kNode:
        return cluster_.KillNode(node, until);
      case Fault::kContainerd:
        return cluster_.KillContainerd(node, world_.now() + Ms(Chooser::kSchedule, 2'000));
      case Fault::kLogLost:
        return cluster_.RotateLogs();
      case Fault::kLogLate:
        world_.Note("fault", "logs cannot be read");
        return cluster_.HideLogs(soon);
      case Fault::kAttachCut:
        return cluster_.CutAttaches();
      case Fault::kEviction:
        return cluster_.Evict(node);
      case Fault::kLiar:
        return cluster_.LetRunnersLie(until);
      case Fault::kFailover:
        return Lose(Ms(Chooser::kSchedule, 5'000));
      case Fault::kKill:
        return victims([&](Controller& each) { each.Kill(until - world_.now()); });
      case Fault::kPause:
        return victims([&](Controller& each) { each.Pause(until); });
      case Fault::kSkew:
        world_.Note("fault", "a clock jumps");
        return victims([&](Controller& each) {
          each.Skew(Milliseconds(1) * (Below(40'000) - Below(40'000)));
        });
      case Fault::kStoreUnknown:
      case Fault::kStoreSlow:
      case Fault::kApiUnknown:
      case Fault::kApiSlow:
        return;  // of single calls
    }
  }

  /// The database fails over to a replica that was `lag` behind.
  void Lose(Milliseconds lag) {
    world_.After(lag, [this, restore = store_.Backup()] {
      if (world_.is_calm) return;
      world_.Note("fault", "the database fails over, and what was committed last is lost");
      restore();
      oracle_.OnFailover();
    });
  }

  void BeginCalm() {
    world_.Note("fault", "all faults are over");
    world_.is_calm = true;
    world_.choices.Calm();
    cluster_.Heal();
    for (const auto& each : controllers_) {
      each->Skew(Milliseconds(0));
      each->Heal();
    }
  }

  template <typename Function>
  void RunUntil(MonotonicTime limit, const Function& is_enough) {
    int steps = 0;
    while (!world_.IsViolated() && world_.Step(limit)) {
      for (const auto& each : controllers_) each->Poke();
      if (++steps % 32 == 0 && is_enough()) return;
    }
  }

  /// Nothing is left to be waited for.
  bool IsQuiet() { return to_submit_ == 0 && oracle_.AllEnded() && LeftBehind().empty(); }

  /// Jobs that live although no run will come to them.
  std::vector<std::string> LeftBehind() {
    auto names = cluster_.LivingJobs();
    std::erase_if(names, [this](const std::string& name) {
      return manifest::IsWarmJobName(name) && !oracle_.WasTied(name);
    });
    return names;
  }

  void Check() {
    oracle_.CheckEnds();
    for (const std::string& name : LeftBehind()) world_.Violate("job-left-behind", name);
  }

  World world_;
  const FaultSet faults_;
  test::MemoryRunStore store_{world_};
  Oracle oracle_;
  Cluster cluster_;
  std::vector<std::unique_ptr<Controller>> controllers_;
  MonotonicTime begin_{};
  std::int64_t to_submit_{0};
  std::chrono::nanoseconds horizon_{};
};

}  // namespace

ScheduleResult PlaySchedule(std::uint64_t seed, const ScheduleSettings& settings,
                            const Choices::Places& calmed, bool is_traced, Equipment& equipment) {
  return Schedule(seed, settings, calmed, is_traced, equipment).Play();
}

}  // namespace oneshot::simulation
