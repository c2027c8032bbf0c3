"""What half an hour of ordinary load leaves behind, and what two minutes of ten times too much do.

The sustainable rate is measured first: a few submitters that always have a run under way. Half of it must not make anything grow;
ten times it must lose nothing that was accepted, and must not keep another client waiting.
"""

import concurrent.futures
import os
import statistics
import threading
import time

from database import Database
from running_system import ENDED, Api, Processes, System, program, site_from_environment, wait_until

RATE_SECONDS = 60
SUBMITTERS = 8
SAMPLE_SECONDS = 10
OVERLOAD_SECONDS = 120
RECOVERY_SECONDS = 30
# Rows that must not pile up. Finished runs and what belongs to them stay until retention deletes them.
ROWS = {
    "unfinished runs": "SELECT count(*) FROM runs WHERE finished_at IS NULL",
    "submitters": "SELECT count(*) FROM submitters",
    "attempts per run": "SELECT round(count(*) FILTER (WHERE run_id IS NOT NULL)::numeric / greatest(1, count(DISTINCT run_id)), 3) FROM attempts",
    "output rows per run": "SELECT round((SELECT count(*) FROM output_chunks)::numeric / greatest(1, (SELECT count(*) FROM runs)), 3)",
}


def sustainable_rate(system: System) -> float:
    """Runs a second of a small program, closed loop."""
    seconds = system.count(full=RATE_SECONDS, quick=5)
    end = time.monotonic() + seconds
    source = program("print_six")

    def submit_again_and_again() -> int:
        api, ended = Api(site_from_environment()), 0
        while time.monotonic() < end:
            assert api.run(source)["status"] == "succeeded"
            ended += 1
        return ended

    with concurrent.futures.ThreadPoolExecutor(SUBMITTERS) as pool:
        return sum(future.result() for future in [pool.submit(submit_again_and_again) for _ in range(SUBMITTERS)]) / seconds


class Arrivals:
    """Submissions at a fixed rate, whatever becomes of them."""

    def __init__(self, client_address: str, source: str):
        self.client_address = client_address
        self.source = source
        self.accepted: list[str] = []
        self.refused: dict[str, int] = {}
        self.lock = threading.Lock()

    def submit(self) -> None:
        answer = Api(site_from_environment(), self.client_address).post({"source": self.source})
        body = answer.json()
        with self.lock:
            if answer.status == 201:
                self.accepted.append(body["id"])
            else:
                code = f"{answer.status} {body.get('code')}"
                self.refused[code] = self.refused.get(code, 0) + 1

    def run(self, per_second: float, seconds: float) -> None:
        begun = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(32) as pool:
            for number in range(int(per_second * seconds)):
                time.sleep(max(0.0, begun + number / per_second - time.monotonic()))
                pool.submit(self.submit)


class Samples:
    """Memory, descriptors and threads of the largest process of each program, and rows, every few seconds."""

    def __init__(self, database: Database):
        self.database = database
        self.processes = {name: Processes(f"oneshot-{name}") for name in ("api", "controller")}
        self.at: list[float] = []
        self.values: dict[str, list[float]] = {}
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.take_until_stopped)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join()

    def take_until_stopped(self) -> None:
        while not self.stop.wait(SAMPLE_SECONDS):
            self.at.append(time.monotonic())
            for name, processes in self.processes.items():
                self.add(f"{name} MiB", processes.memory_mib()["resident_mib"])
                self.add(f"{name} descriptors", max(len(os.listdir(f"/proc/{pid}/fd")) for pid in processes.pids))
                self.add(f"{name} threads", max(len(os.listdir(f"/proc/{pid}/task")) for pid in processes.pids))
            for name, statement in ROWS.items():
                self.add(name, float(self.database.sql(statement)))

    def add(self, name: str, value: float) -> None:
        self.values.setdefault(name, []).append(value)

    def slopes(self) -> dict[str, dict]:
        """Per hour, over the second half: the first one fills caches."""
        half = len(self.at) // 2
        told = {}
        for name, values in self.values.items():
            later = values[half:]
            slope = statistics.linear_regression(self.at[half:], later).slope * 3600 if len(later) > 2 else None
            told[name] = {"first": values[0], "last": values[-1], "most": max(values), "per_hour": None if slope is None else round(slope, 2)}
        return told


def soak(system: System, database: Database) -> dict:
    minutes = float(os.environ.get("SOAK_MINUTES", "30")) if not system.quick else 0.5
    rate = sustainable_rate(system)
    arrivals = Arrivals("127.0.0.21", program("print_six"))
    with Samples(database) as samples:
        arrivals.run(rate / 2, minutes * 60)
        ends = states_of(arrivals.accepted)
    return {
        "minutes": minutes,
        "sustainable_per_second": round(rate, 2),
        "accepted": len(arrivals.accepted),
        "refused": arrivals.refused,
        "ends": ends,
        "slopes": samples.slopes(),
    }


def overload(system: System, database: Database) -> dict:
    rate = sustainable_rate(system)
    source = program("print_six")
    bystander = Api(site_from_environment(), "127.0.0.22")
    usual = statistics.median(timed(bystander, source) for _ in range(system.count(full=10, quick=2)))
    arrivals = Arrivals("127.0.0.21", source)
    arrivals.run(10 * rate, system.count(full=OVERLOAD_SECONDS, quick=5))
    ended_at = time.monotonic()
    during: list[float] = []

    def is_normal() -> bool:
        during.append(timed(bystander, source))
        return during[-1] <= 2 * usual + 0.2

    wait_until("another client's run is as fast as before", is_normal, deadline_seconds=RECOVERY_SECONDS)
    recovered = time.monotonic() - ended_at
    # Not all of it is worth executing: what still waits is cancelled, and must say so.
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(Api(site_from_environment()).cancel, arrivals.accepted))
    return {
        "sustainable_per_second": round(rate, 2),
        "accepted": len(arrivals.accepted),
        "refused": arrivals.refused,
        "ends": states_of(arrivals.accepted),
        "bystander_seconds_before": round(usual, 3),
        "bystander_seconds_after": [round(each, 3) for each in during],
        "normal_again_after_seconds": round(recovered, 1),
    }


def timed(api: Api, source: str) -> float:
    begun = time.monotonic()
    assert api.run(source)["status"] == "succeeded"
    return time.monotonic() - begun


def states_of(run_ids: list[str]) -> dict[str, int]:
    """How the runs ended; each of them must."""
    api = Api(site_from_environment())
    ends: dict[str, int] = {}
    for run_id in run_ids:
        run = api.get(run_id)
        if run["status"] not in ENDED:
            run = api.wait_ended(run_id, deadline_seconds=900)
        ends[run["status"]] = ends.get(run["status"], 0) + 1
    return ends
