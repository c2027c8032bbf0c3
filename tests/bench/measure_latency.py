"""How long one call takes: warm and cold runs beside local python3 and plain Jobs, in turns on the same machine."""

from local_python import LocalPython
from plain_jobs import PlainJobs
from running_system import System, program
from samples import summary

SCRIPTS = {"pandas_describe": 100, "print_six": 40, "scipy_fit": 20, "first_figure": 20}  # samples; a p99 needs a hundred
COLD_SCRIPTS = ("print_six", "pandas_describe")
TIMINGS = ("queued_ms", "startup_ms", "wall_ms", "cpu_ms")
PHASES = ("queued", "startup", "execution", "commit", "total")


class Series:
    """The durations of one kind of run, and the run's own timings."""

    def __init__(self):
        self.seconds: list[float] = []
        self.timings: dict[str, list[float]] = {name: [] for name in TIMINGS}

    def add(self, seconds: float, run: dict) -> None:
        self.seconds.append(seconds)
        for name in TIMINGS:
            self.timings[name].append(run["timings"][name] / 1000)

    def told(self) -> dict:
        return {**summary(self.seconds), "timings_p50_ms": {name: summary(each)["p50_ms"] for name, each in self.timings.items()}}


def warm(system: System, local: LocalPython | None) -> dict:
    """Each run finds a Job that waited. Beside it the same script by local python3, one after the other in turns."""
    site, controller = system.site, system.controller
    wanted = {name: system.count(full=samples, quick=3) for name, samples in SCRIPTS.items()}
    series = {name: Series() for name in SCRIPTS}
    phases = {name: Phases() for name in SCRIPTS}
    local_seconds: dict[str, list[float]] = {name: [] for name in SCRIPTS}
    found_no_job = dict.fromkeys(SCRIPTS, 0)
    at_first = controller.metrics()
    for number in range(max(wanted.values())):
        for name in (each for each in SCRIPTS if number < wanted[each]):
            controller.wait_idle()
            if local is not None:
                local_took, local_printed = local.timed_run(name)
                local_seconds[name].append(local_took)
            before = controller.metrics()
            seconds, run = site.timed_run(program(name))
            if not system.is_warm(run):
                found_no_job[name] += 1  # told, not measured: this was a cold run
                continue
            phases[name].add(before, controller.metrics())
            series[name].add(seconds, run)
            assert local is None or local_printed == run["stdout"], (name, local_printed, run["stdout"])
    told = {"refill_mean_ms": mean_ms(at_first, controller.metrics(), "oneshot_pool_refill_seconds")}
    for name in SCRIPTS:
        if not series[name].seconds:
            system.left_out.append(f"warm {name}: no run found a waiting Job")
            continue
        told[name] = {"warm": {**series[name].told(), "found_no_job": found_no_job[name]}, "phases_mean_ms": phases[name].told()}
        if local_seconds[name]:
            told[name]["local_python"] = summary(local_seconds[name])
            told[name]["ratio_to_local_p50"] = round(told[name]["warm"]["p50_ms"] / told[name]["local_python"]["p50_ms"], 3)
    return told


def mean_ms(before: dict[str, float], after: dict[str, float], histogram: str) -> float | None:
    seconds, count = (after[f"{histogram}_{part}"] - before[f"{histogram}_{part}"] for part in ("sum", "count"))
    return round(1000 * seconds / count, 1) if count else None


class Phases:
    """Mean of each phase over some runs, from the histograms' sums and counts before and after each."""

    def __init__(self):
        self.seconds = dict.fromkeys(PHASES, 0.0)
        self.counts = dict.fromkeys(PHASES, 0.0)

    def add(self, before: dict[str, float], after: dict[str, float]) -> None:
        for phase in PHASES:
            self.seconds[phase] += after[f"oneshot_run_{phase}_seconds_sum"] - before[f"oneshot_run_{phase}_seconds_sum"]
            self.counts[phase] += after[f"oneshot_run_{phase}_seconds_count"] - before[f"oneshot_run_{phase}_seconds_count"]

    def told(self) -> dict:
        return {phase: round(1000 * self.seconds[phase] / self.counts[phase], 2) for phase in PHASES if self.counts[phase]}


def cold(system: System, jobs: PlainJobs | None) -> dict:
    """Nothing waits for such runs: they ask for more memory than any Job of the pool has. Beside them plain Jobs, in turns."""
    rounds = system.count(full=20, quick=2)
    memory_mib = system.site.environment()["limits"]["maxima"]["memory_mib"]
    told = {}
    for name in COLD_SCRIPTS:
        series, plain_seconds = Series(), []
        for _ in range(rounds):
            system.controller.wait_idle()
            seconds, run = system.site.timed_run(program(name), limits={"memory_mib": memory_mib})
            assert not system.is_warm(run), f"a class of the pool has {memory_mib} MiB: no run can be cold"
            series.add(seconds, run)
            if jobs is not None:
                system.controller.wait_idle()
                seconds, printed = jobs.timed_run(program(name))
                assert printed == run["stdout"], (name, printed, run["stdout"])
                plain_seconds.append(seconds)
        told[name] = {"cold": series.told()}
        if plain_seconds:
            told[name]["plain_job"] = summary(plain_seconds)
            told[name]["ratio_to_plain_job_p50"] = round(told[name]["cold"]["p50_ms"] / told[name]["plain_job"]["p50_ms"], 3)
    told["pandas_of_print_p50"] = round(told["pandas_describe"]["cold"]["p50_ms"] / told["print_six"]["cold"]["p50_ms"], 3)
    return told
