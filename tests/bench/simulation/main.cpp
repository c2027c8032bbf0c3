// How the controller fares with a long queue and many pods: fills a queue, lets the real controller
// work it off against a simulated cluster, and prints one line of JSON. What it leaves out:
// PostgreSQL, and everything a node does.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "core/base/thread.h"
#include "core/domain/run_id.h"
#include "tests/bench/simulation/cluster_process.h"
#include "tests/bench/simulation/process_figures.h"
#include "tests/bench/simulation/simulated_controller.h"
#include "tests/support/store/memory_run_store.h"

namespace oneshot::simulation {
namespace {

constexpr auto kLookAgain = std::chrono::milliseconds(50);

struct Scenario {
  int queued{100};
  int max_active{1000};
  int program_ms{0};
  std::string job_template{"k8s/base/run-job.yaml"};
};

controller::Options MakeOptions(const Scenario& scenario) {
  controller::Options options;
  options.jobs.run_namespace = options.job_namespace;
  options.jobs.image = "oneshot.local/python:simulated";
  options.identity = "simulation";
  options.max_active_runs = options.max_active_runs_per_submitter = options.max_cold_runs =
      scenario.max_active;
  // A real API server is spared (200/s by default); here the controller's own speed is asked for.
  options.requests_per_second = 1e6;
  options.request_burst = 1'000'000;
  options.keep_runs = std::chrono::hours(1);
  return options;
}

void Fill(store::RunStore& store, int count) {
  const base::SystemClock clock;
  for (int i = 0; i < count; ++i) {
    const auto now = clock.Wall();
    (void)store.Submit(
        {.id = domain::NewRunId(now), .spec = {.source = "print(6)\n"}, .submitter = {}});
  }
}

bool IsDone(store::RunStore& store) {
  if (store.MeasureQueue()->runs > 0) return false;
  return std::ranges::all_of(
      std::vector{domain::RunStatus::kStarting, domain::RunStatus::kRunning},
      [&](auto status) { return store.List({.limit = 1, .status = status})->empty(); });
}

/// Lets everything run to its end. Returns the memory at the first look at which all places were
/// taken: the queue still long, nothing of finished runs kept yet. Programs that end at once leave
/// no such moment worth telling.
double WaitUntilDone(store::RunStore& store, const Scenario& scenario) {
  double when_busy_mib = 0;
  while (!IsDone(store)) {
    if (when_busy_mib == 0 && scenario.queued - store.MeasureQueue()->runs >= scenario.max_active)
      when_busy_mib = OwnMemory().resident_mib;
    base::SleepFor({}, kLookAgain);
  }
  return when_busy_mib;
}

/// How many runs were claimed and not finished at the busiest moment.
int MostActive(const std::vector<domain::Run>& runs) {
  std::vector<std::pair<base::WallTime, int>> changes;
  for (const domain::Run& run : runs) {
    changes.emplace_back(*run.claimed_at, 1);
    changes.emplace_back(*run.finished_at, -1);
  }
  std::ranges::sort(changes);
  int active = 0;
  int most = 0;
  for (const auto& [moment, change] : changes) most = std::max(most, active += change);
  return most;
}

double Rounded(double value) { return std::round(value * 100) / 100; }

int Simulate(const Scenario& scenario) {
  AllowManySockets();
  ClusterProcess cluster{std::chrono::milliseconds(scenario.program_ms)};  // before any thread
  const controller::Options options = MakeOptions(scenario);
  auto job_template = manifest::JobTemplate::Load(scenario.job_template, options.jobs);
  if (!job_template) {
    std::fprintf(stderr, "%s\n", job_template.error().message.c_str());
    return 1;
  }
  const double resident_at_first = OwnMemory().resident_mib;
  const base::SystemClock clock;
  test::MemoryRunStore store(clock);
  Fill(store, scenario.queued);
  // The waiting rows are PostgreSQL's in real life; what is kept of their results stays in the
  // figures.
  const double rows_mib = OwnMemory().resident_mib - resident_at_first;

  const double cpu_before = OwnCpuSeconds();
  const auto began = clock.Wall();
  std::vector<domain::Run> runs;
  double cpu_seconds = 0;
  double when_busy_mib = 0;
  Memory memory;
  {
    SimulatedController controller(options, *std::move(job_template), store, cluster.Port());
    if (auto started = controller.Start(); !started) {
      std::fprintf(stderr, "%s\n", started.error().message.c_str());
      return 1;
    }
    when_busy_mib = WaitUntilDone(store, scenario);
    cpu_seconds = OwnCpuSeconds() - cpu_before;
    memory = OwnMemory();
    runs = *store.List({.limit = scenario.queued});
  }
  const auto succeeded =
      std::ranges::count(runs, domain::RunStatus::kSucceeded, &domain::Run::status);
  if (succeeded != scenario.queued) {
    std::fprintf(stderr, "only %ld of %d runs succeeded\n", static_cast<long>(succeeded),
                 scenario.queued);
    return 1;
  }
  base::WallTime ended = began;
  for (const domain::Run& run : runs) ended = std::max(ended, *run.finished_at);
  const double seconds = std::chrono::duration<double>(ended - began).count();
  const double peak_mib = memory.peak_mib - rows_mib;
  nlohmann::ordered_json told{
      {"queued", scenario.queued},
      {"max_active", scenario.max_active},
      {"program_ms", scenario.program_ms},
      {"most_active", MostActive(runs)},
      {"seconds", Rounded(seconds)},
      {"runs_per_second", Rounded(scenario.queued / seconds)},
      {"controller_cpu_per_run_ms", Rounded(1000 * cpu_seconds / scenario.queued)},
      {"cluster_cpu_per_run_ms", Rounded(1000 * cluster.StopAndTellCpuSeconds() / scenario.queued)},
      {"controller_at_rest_mib", Rounded(resident_at_first)},
      {"controller_peak_mib", Rounded(peak_mib)},
      {"controller_kib_per_run", Rounded(1024 * (peak_mib - resident_at_first) / scenario.queued)},
      {"store_rows_mib", Rounded(rows_mib)}};
  if (when_busy_mib > 0) told["controller_when_busy_mib"] = Rounded(when_busy_mib - rows_mib);
  std::printf("%s\n", told.dump().c_str());
  return 0;
}

}  // namespace
}  // namespace oneshot::simulation

int main(int argc, char** argv) {
  oneshot::simulation::Scenario scenario;
  CLI::App command_line("Lets the controller work off a queue against a simulated cluster");
  command_line.add_option("--queued", scenario.queued, "Runs in the queue at the beginning")
      ->check(CLI::Range(1, 1'000'000));
  command_line.add_option("--max-active", scenario.max_active, "Runs at work at the same time")
      ->check(CLI::Range(1, 5000));
  command_line.add_option("--program-ms", scenario.program_ms, "How long each program runs")
      ->check(CLI::Range(0, 60'000));
  command_line.add_option("--job-template", scenario.job_template, "The Job of a run");
  CLI11_PARSE(command_line, argc, argv);
  return oneshot::simulation::Simulate(scenario);
}
