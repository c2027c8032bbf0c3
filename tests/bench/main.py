"""`make bench`: measures the running system and what it is compared with, in one run; writes .oneshot/bench.json and prints a table.

Usage: main.py [--quick] [--only warm,cold,...] [--simulation PROGRAM]
"""

import argparse
import contextlib
import datetime
import functools
import json
import os
import pathlib
import platform
import subprocess
import sys
import time
import traceback

import bars
import measure_endurance
import measure_latency
import measure_page
import measure_pod
import measure_refill
import measure_simulation
import measure_stream
import measure_submissions
import measure_throughput
import measure_waiting
import report
from database import Database
from local_python import LocalPython
from plain_jobs import PlainJobs
from running_system import ROOT, STATE, Controller, Kubectl, LeftOut, Site, System

RESULTS = STATE / "bench.json"
SCHEMA = 1
MEASURES = ("simulation", "warm", "refill", "cold", "waiting", "pod", "first_byte", "page", "sustained", "submissions")
# They take long, so they are measured only when asked for (`make soak`).
LONG_MEASURES = ("soak", "overload")
# What this benchmark does not tell, whatever it measures.
NEVER_MEASURED = (
    "A client over a real network: the caller sits on the same machine as everything else.",
    "More than one node, and image pulls: the image is on the node before the first run.",
    "PostgreSQL's own memory and CPU, and the memory of Kubernetes: they are in the throughput, not told apart.",
    "The rate of submissions comes from a closed loop (wrk asks again when it was answered): a stall is seen by as many"
    " requests as there are connections, not by those that would have come meanwhile.",
)


def main() -> int:
    parser = argparse.ArgumentParser(description="Measures the running system beside what it is compared with.")
    parser.add_argument("--quick", action="store_true", help="few samples, for development; the figures mean nothing")
    parser.add_argument("--only", default=",".join(MEASURES), help=f"any of {','.join(MEASURES + LONG_MEASURES)}")
    parser.add_argument("--simulation", type=pathlib.Path, help="the built oneshot-simulation")
    options = parser.parse_args()
    wanted = options.only.split(",")
    if unknown := set(wanted) - set(MEASURES + LONG_MEASURES):
        parser.error(f"no measure is called {', '.join(sorted(unknown))}")

    begun = time.monotonic()
    results: dict = {"schema": SCHEMA, "mode": "quick" if options.quick else "full", "machine": machine()}
    left_out: list[str] = [f"{name}: not asked for" for name in MEASURES if name not in wanted]
    if "simulation" in wanted:
        measure(results, left_out, "simulation", lambda: measure_simulation.all_scenarios(options.simulation, options.quick))
    if set(wanted) - {"simulation"}:
        measure_running_system(results, left_out, wanted, options.quick)
    results["seconds"] = round(time.monotonic() - begun)
    results["bars"] = bars.judged(results)
    results["left_out"] = [*left_out, *NEVER_MEASURED]
    RESULTS.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print("\n" + report.text(results))
    print(f"\nall results: {RESULTS.relative_to(ROOT)}")
    return 0


def measure_running_system(results: dict, left_out: list[str], wanted: list[str], quick: bool) -> None:
    kubectl, site = Kubectl(), Site()
    with contextlib.ExitStack() as stack:
        controller = stack.enter_context(Controller.reached(kubectl))
        system = System(site, kubectl, controller, quick)
        environment = site.environment()
        results["system"] = {"image": environment["image"], "python": environment["python"], "has_pool": controller.has_pool()}
        database = Database(kubectl)
        local = None
        if "warm" in wanted:
            local = prepared(left_out, "local python3", lambda: LocalPython(environment["python"]))
        jobs = None
        if {"cold", "waiting", "pod", "sustained"} & set(wanted):
            jobs = prepared(left_out, "plain Jobs", lambda: stack.enter_context(PlainJobs.in_namespace(system)))

        if "warm" in wanted and not controller.has_pool():
            left_out.append("warm: the pool is off (pool.<class>.maximum is 0 in k8s/base/config.yaml)")
        elif "warm" in wanted:
            measure(results, left_out, "warm", lambda: measure_latency.warm(system, local))
        if "refill" in wanted:
            measure(results, left_out, "refill", lambda: measure_refill.refill(system))
        if "cold" in wanted:
            measure(results, left_out, "cold", lambda: measure_latency.cold(system, jobs))
        if "waiting" in wanted:
            measure(results, left_out, "waiting", lambda: measure_waiting.waiting(system, jobs))
        if "pod" in wanted:
            measure(results, left_out, "pod", lambda: measure_pod.pod(system, jobs))
        if "first_byte" in wanted:
            measure(results, left_out, "first_byte", lambda: measure_stream.first_byte(system))
        if "page" in wanted:
            measure(results, left_out, "page", lambda: measure_page.page(system))
        if "sustained" in wanted:
            results["sustained"] = {}
            for name in ("pandas_describe", "print_six"):
                take = functools.partial(measure_throughput.sustained, system, jobs, database, name)
                measure(results["sustained"], left_out, name, take)
        if "submissions" in wanted:
            measure(results, left_out, "submissions", lambda: measure_submissions.submissions(system, database))
        for name, take in (("soak", measure_endurance.soak), ("overload", measure_endurance.overload)):
            if name in wanted:
                measure(results, left_out, name, functools.partial(take, system, database))
                print(json.dumps(results.get(name), indent=1))
        left_out.extend(system.left_out)


def prepared(left_out: list[str], what: str, prepare):
    try:
        return prepare()
    except LeftOut as reason:
        left_out.append(f"comparison with {what}: {reason}")
        return None


def measure(results: dict, left_out: list[str], name: str, take) -> None:
    """One measure that fails takes no other with it; the table shows what is missing."""
    print(f"==> measuring {name}", flush=True)
    begun = time.monotonic()
    try:
        results[name] = take()
        print(f"    done in {time.monotonic() - begun:.1f} s", flush=True)
    except LeftOut as reason:
        left_out.append(f"{name}: {reason}")
    except Exception as fault:  # noqa: BLE001  (whatever it was, the others are still worth having)
        traceback.print_exc()
        left_out.append(f"{name}: failed, {type(fault).__name__}: {str(fault)[:300]}")


def machine() -> dict:
    model = next((line.split(":")[1].strip() for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line), "")
    commit = subprocess.run(["git", "-C", ROOT, "describe", "--always", "--dirty"], capture_output=True, text=True)
    return {
        "at": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "commit": commit.stdout.strip(),
        "cpus": os.cpu_count(),
        "cpu_model": model,
        "memory_mib": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20,
        "kernel": platform.release(),
        "load_before": [round(each, 2) for each in os.getloadavg()],
    }


if __name__ == "__main__":
    sys.exit(main())
