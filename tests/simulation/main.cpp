#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>
#include <thread>

#include "tests/simulation/explore.h"

int main(int argc, char** argv) {
  using namespace oneshot::simulation;
  std::uint64_t schedules = 1'000;
  std::uint64_t seed = 1;
  int jobs = 1;
  std::string out;
  std::string faults;
  bool replays = false;
  bool shrinks = false;
  ScheduleSettings settings;
  CLI::App app{"Plays schedules of the controller against a model of everything else."};
  app.add_option("--schedules", schedules, "how many");
  app.add_option("--seed", seed, "the first one's");
  app.add_option("--jobs", jobs, "processes; 0: one for each processor");
  app.add_option("--out", out, "report (JSON)");
  auto* chosen = app.add_option("--faults", faults, "only these, separated by commas");
  app.add_option("--invariant", settings.only_invariant, "only this one counts");
  app.add_flag("--replay", replays, "print the schedule of SEED");
  app.add_flag("--shrink", shrinks, "print the schedule of SEED, shrunk");
  CLI11_PARSE(app, argc, argv);
  if (jobs == 0) jobs = static_cast<int>(std::thread::hardware_concurrency());
  if (chosen->count() > 0) {
    const auto parsed = FaultSet::Parse(faults);
    if (!parsed) {
      std::cerr << "unknown fault; known:";
      for (const auto& [fault, name] : kFaults) std::cerr << ' ' << name;
      std::cerr << '\n';
      return 2;
    }
    settings.faults = *parsed;
  }
  if (replays) {
    const ScheduleResult result = Replay(seed, settings);
    std::cout << result.notes;
    return result.invariant.empty() ? 0 : 1;
  }
  if (shrinks) {
    const Violation violation = Shrink(seed, settings);
    std::cout << violation.schedule;
    return violation.invariant.empty() ? 0 : 1;
  }
  Exploration exploration = Explore(seed, schedules, jobs, settings);
  if (!exploration.firsts.empty()) {
    Violation& first = exploration.firsts.front();
    // Playing a crash again would end this process too.
    if (first.invariant != kCrash) first = Shrink(first.seed, settings);
    std::cout << "seed " << first.seed << " breaks " << first.invariant << ": " << first.detail
              << "\n"
              << first.schedule;
  }
  if (!out.empty()) std::ofstream(out) << ToJson(exploration);
  for (const Violation& each : exploration.firsts) {
    std::cout << "seed " << each.seed << ": " << each.invariant << " (" << each.detail << "), in "
              << exploration.counts[each.invariant] << " schedules\n";
  }
  std::cout << exploration.schedules << " schedules in " << exploration.seconds << " s\n";
  return exploration.firsts.empty() ? 0 : 1;
}
