"""What the whole system does with a queue that is never empty, beside plain Jobs on the same cluster; and what a run costs."""

import concurrent.futures
import datetime
import time

from database import Database
from plain_jobs import PlainJobs
from running_system import ENDED, Processes, System, program, wait_until

SUBMITTERS = 8


def moment(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def sustained(system: System, jobs: PlainJobs | None, database: Database, name: str) -> dict:
    count = system.count(full=200, quick=6)
    system.controller.wait_idle()
    processes = {program_name: Processes(f"oneshot-{program_name}") for program_name in ("api", "controller")}
    cpu_before = {each: processes[each].cpu_seconds() for each in processes}
    size_before = database.size_bytes()

    source = program(name)
    runs = run_many(system, source, count)
    succeeded = sum(run["status"] == "succeeded" for run in runs)
    if succeeded < count:
        system.left_out.append(f"sustained {name}: {count - succeeded} of {count} runs did not succeed; the rate is that of the others")
    seconds = (max(moment(run["finished_at"]) for run in runs) - min(moment(run["created_at"]) for run in runs)).total_seconds()
    system.controller.wait_idle()  # patching Jobs and refilling belong to what a run costs

    told = {
        "runs": {
            "count": count,
            "seconds": round(seconds, 2),
            "per_second": round(succeeded / seconds, 2),
            "succeeded": succeeded,
            "warm_count": sum(map(system.is_warm, runs)),
        },
        "cpu_per_run_ms": {
            each: round(1000 * (processes[each].cpu_seconds() - cpu_before[each]) / count, 2) for each in processes
        },
        "memory": {each: processes[each].memory_mib() for each in processes},
        "database_bytes_per_run": round((database.size_bytes() - size_before) / count),
    }
    ids = [run["id"] for run in runs]
    told["database_row_bytes_per_run"] = round(database.row_bytes(min(ids), max(ids)) / count)
    if jobs is not None:
        told["plain_jobs"] = jobs.timed_many(source, count)
        told["ratio_to_plain_jobs"] = round(told["runs"]["per_second"] / told["plain_jobs"]["per_second"], 3)
    return told


def run_many(system: System, source: str, count: int) -> list[dict]:
    """Submitted at once; returns when the last has ended."""
    with concurrent.futures.ThreadPoolExecutor(max_workers=SUBMITTERS) as pool:
        ids = list(pool.map(lambda _: system.site.api.submit(source)["id"], range(count)))
    return [ended_run(system, run_id) for run_id in ids]


def ended_run(system: System, run_id: str) -> dict:
    """Asks seldom: a reader that polls would be paid for by what is measured."""

    def ended():
        run = system.site.api.get(run_id)
        return run if run["status"] in ENDED else None

    return wait_until(f"run {run_id} has ended", ended, deadline_seconds=900, pause_seconds=0.5)


def keep_busy(system: System, count: int) -> None:
    """A queue before anything else happens, and the cluster at work on it."""
    for _ in range(count):
        system.site.api.submit(program("print_six"))
    wait_until("the cluster is busy", lambda: system.controller.metrics()["oneshot_runs_active"] > 0)


def wait_drained(system: System, database: Database) -> None:
    wait_until("the queue is empty", lambda: database.count_queued() == 0, deadline_seconds=600, pause_seconds=0.5)
    begun = time.monotonic()
    system.controller.wait_idle()
    print(f"    the cluster came to rest in {time.monotonic() - begun:.0f} s", flush=True)
