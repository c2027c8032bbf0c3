#include "tests/simulation/explore.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tests/simulation/players.h"

namespace oneshot::simulation {
namespace {

// Of one schedule; each costs about a millisecond.
constexpr int kMostTries = 4'000;

/// Looks for ever fewer choices with which the schedule still breaks the same invariant.
class Shrinker {
 public:
  Shrinker(std::uint64_t seed, ScheduleSettings settings)
      : seed_(seed), settings_(std::move(settings)) {}

  Violation Run() {
    ScheduleResult found = Play({}, false);
    if (found.invariant.empty()) return {.seed = seed_};
    settings_.only_invariant = found.invariant;
    best_ = found.choices;
    // Halves, quarters, and at last single choices; a success begins anew with what is left.
    for (std::size_t size = (best_.size() + 1) / 2; size > 0;) {
      const bool has_helped = TryAll(size);
      if (tries_ >= kMostTries) break;
      if (size == 1 && !has_helped) break;
      size = std::max<std::size_t>(size / 2, 1);
    }
    found = Play(calmed_, true);
    return {.seed = seed_,
            .invariant = found.invariant,
            .detail = found.detail,
            .schedule = found.notes};
  }

 private:
  ScheduleResult Play(const Choices::Places& calmed, bool is_traced) {
    ++tries_;
    return PlaySchedule(seed_, settings_, calmed, is_traced, equipment_);
  }

  bool TryAll(std::size_t size) {
    bool has_helped = false;
    for (std::size_t begin = 0; begin < best_.size() && tries_ < kMostTries;) {
      Choices::Places calmed = calmed_;
      const auto end = std::min(begin + size, best_.size());
      calmed.insert(best_.begin() + static_cast<std::ptrdiff_t>(begin),
                    best_.begin() + static_cast<std::ptrdiff_t>(end));
      ScheduleResult result = Play(calmed, false);
      if (result.invariant.empty() || result.choices.size() >= best_.size()) {
        begin = end;
        continue;
      }
      has_helped = true;
      calmed_ = std::move(calmed);
      best_ = std::move(result.choices);
    }
    return has_helped;
  }

  const std::uint64_t seed_;
  ScheduleSettings settings_;
  Equipment equipment_;
  int tries_{0};
  Choices::Places calmed_;
  std::vector<Choices::Place> best_;
};

}  // namespace

Exploration Explore(std::uint64_t first, std::uint64_t count, int jobs,
                    const ScheduleSettings& settings) {
  const auto began = std::chrono::steady_clock::now();
  Exploration exploration{.schedules = count};
  std::map<std::string, Violation> firsts;
  for (Violation& each : PlayInProcesses(first, count, jobs, settings)) {
    ++exploration.counts[each.invariant];
    const auto [place, is_new] = firsts.try_emplace(each.invariant);
    if (is_new || each.seed < place->second.seed) place->second = std::move(each);
  }
  exploration.seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  for (auto& [invariant, violation] : firsts) exploration.firsts.push_back(std::move(violation));
  std::ranges::sort(exploration.firsts, {}, &Violation::seed);
  return exploration;
}

Violation Shrink(std::uint64_t seed, const ScheduleSettings& settings) {
  return Shrinker(seed, settings).Run();
}

ScheduleResult Replay(std::uint64_t seed, const ScheduleSettings& settings) {
  Equipment equipment;
  return PlaySchedule(seed, settings, {}, true, equipment);
}

std::string ToJson(const Exploration& exploration) {
  nlohmann::ordered_json violations = nlohmann::ordered_json::array();
  for (const Violation& each : exploration.firsts) {
    violations.push_back({{"seed", each.seed},
                          {"invariant", each.invariant},
                          {"detail", each.detail},
                          {"schedules", exploration.counts.at(each.invariant)},
                          {"schedule", each.schedule}});
  }
  const nlohmann::ordered_json report{
      {"schedules", exploration.schedules},
      {"seconds", exploration.seconds},
      {"per_second", static_cast<double>(exploration.schedules) / exploration.seconds},
      {"violations", violations}};
  return report.dump(2) + "\n";
}

}  // namespace oneshot::simulation
