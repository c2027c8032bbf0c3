"""How long the pool is short of a Job that a run took: from the run's POST until as many wait as are wanted."""

import time

from client import wait_until
from running_system import LeftOut, System, program
from samples import summary

ROUNDS = 20
LOOK_SECONDS = 0.01


def refill(system: System) -> dict:
    if not system.controller.has_pool():
        raise LeftOut("the pool is off (pool.<class>.maximum is 0 in k8s/base/config.yaml)")

    def is_full() -> bool:
        metrics = system.controller.metrics()
        is_still = metrics["oneshot_runs_active"] == 0 and metrics["oneshot_pool_starting"] == 0
        return is_still and metrics["oneshot_pool_ready"] >= metrics["oneshot_pool_target"]

    seconds = []
    for _ in range(system.count(full=ROUNDS, quick=2)):
        system.controller.wait_idle()
        wait_until("the pool is full", is_full)
        took, run = system.site.timed_run(program("pandas_describe"))
        answered = time.perf_counter()
        wait_until("the pool is full again", is_full, pause_seconds=LOOK_SECONDS)
        if system.is_warm(run):
            seconds.append(took + time.perf_counter() - answered)
    return summary(seconds)
