"""The controller against a simulated API server (tests/bench/simulation), at several sizes; one process each, for its memory."""

import json
import pathlib
import subprocess

from running_system import LeftOut

# Queued, active at most, and how long each program runs.
SCENARIOS = (
    (100, 1000, 0),
    (1_000, 1000, 0),
    (10_000, 1000, 0),
    (100, 1000, 2000),
    (1_000, 1000, 2000),
    (10_000, 1000, 2000),
)
BAR = (10_000, 100, 1000)  # design.md 8: 10,000 queued and 100 running
QUICK = ((100, 1000, 0), (300, 100, 200))


def scenario(program: pathlib.Path, queued: int, max_active: int, program_ms: int) -> dict:
    arguments = ["--queued", str(queued), "--max-active", str(max_active), "--program-ms", str(program_ms)]
    done = subprocess.run([program, *arguments], capture_output=True, text=True, timeout=900)
    if done.returncode != 0:
        raise AssertionError(f"{program.name} {' '.join(arguments)}: {done.stderr.strip()[-500:]}")
    return json.loads(done.stdout)


def all_scenarios(program: pathlib.Path | None, quick: bool) -> dict:
    if program is None:
        raise LeftOut("the program was not built (scripts/bench builds it)")
    told: dict = {"scenarios": [scenario(program, *each) for each in (QUICK if quick else SCENARIOS)]}
    if not quick:
        told["bar"] = scenario(program, *BAR)
        told["scenarios"].append(told["bar"])
    return told
