"""How many submissions a busy system accepts, beside what PostgreSQL alone could; and its memory with a full queue.

Floods the queue, for a few seconds and up to the queue's limit, and deletes what nobody has claimed afterwards: rows of its own
mark, straight in the database. What was claimed meanwhile runs to its end like any other run.
"""

import json
import os
import pathlib
import subprocess

from database import FLOOD_MARK, Database
from measure_throughput import keep_busy, wait_drained
from running_system import Processes, System

CONNECTIONS = 16  # as many as api.workers
FULL_QUEUE = 10_000  # queue.max_queued
SOURCE = FLOOD_MARK + "\nprint(6)\n"
BASE_LOAD = 40


def submissions(system: System, database: Database) -> dict:
    seconds = system.count(full=5, quick=1)
    told = {}
    try:
        keep_busy(system, system.count(full=BASE_LOAD, quick=4))
        told["accepted"] = flood(system, seconds)
        # pgbench's seconds include its own connecting, which its rate leaves out.
        told["bare_inserts"] = database.bare_insert_rate(SOURCE, seconds + 2, clients=CONNECTIONS)
        told["ratio_to_bare_inserts"] = round(told["accepted"]["per_second"] / told["bare_inserts"]["per_second"], 3)
        wanted = system.count(full=FULL_QUEUE, quick=1000)
        queued = database.fill_queue_to(wanted, SOURCE)
        active = int(system.controller.metrics()["oneshot_runs_active"])
        memory = {name: Processes(f"oneshot-{name}").memory_mib() for name in ("api", "controller")}
        told["memory_with_full_queue"] = {"queued": queued, "active": active, **memory}
    finally:
        told["deleted_unclaimed"] = database.remove_flood()
    wait_drained(system, database)
    return told


def flood(system: System, seconds: int) -> dict:
    done = subprocess.run(
        [
            "wrk", "--threads", "2", "--connections", str(CONNECTIONS), "--duration", f"{seconds}s", "--timeout", "10s",
            "--script", pathlib.Path(__file__).parent / "submissions.lua", f"http://{system.site.address}/api/v1/runs",
        ],
        env={**os.environ, "SUBMISSION": json.dumps({"source": SOURCE})},
        capture_output=True,
        text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.strip().splitlines()[-1])
    return {"connections": CONNECTIONS, **told, "per_second": round(told["accepted"] / told["seconds"])}
