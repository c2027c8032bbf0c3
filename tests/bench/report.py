"""Shows .oneshot/bench.json: as a table for the terminal, and between the markers of docs/performance.md.

Usage: report.py               prints the table
       report.py --write       writes the tables into docs/performance.md
"""

import argparse
import json
import pathlib
import re
import sys

from bars import at

ROOT = pathlib.Path(__file__).resolve().parents[2]
RESULTS = ROOT / ".oneshot" / "bench.json"
DOCUMENT = ROOT / "docs" / "performance.md"
MET = {True: "met", False: "NOT met", None: "not measured"}
SCRIPT_NAMES = {"print_six": "`print(6)`", "pandas_describe": "pandas", "scipy_fit": "scipy", "first_figure": "a figure"}


def table(rows: list[list[str]]) -> str:
    """Markdown whose columns also line up as plain text; the first row is the head."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |" for row in rows]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def told(value) -> str:
    return "–" if value is None else f"{value:,}" if isinstance(value, int) else f"{value:g}" if isinstance(value, float) else str(value)


def bars_table(results: dict) -> str:
    rows = [["what", "bar", "measured", "samples", ""]]
    for bar in results["bars"]:
        rows.append([bar["what"], bar["bar"], told(bar["measured"]), told(bar["samples"]), MET[bar["met"]]])
    return table(rows)


def latency_table(results: dict) -> str:
    rows = [["one call", "p50 ms", "p99 ms", "best ms", "worst ms", "samples"]]
    kinds = (("warm", "warm", "warm"), ("warm", "local_python", "local `python3`"), ("cold", "cold", "cold"), ("cold", "plain_job", "plain Job by kubectl"))
    for section, kind, label in kinds:
        for script, name in SCRIPT_NAMES.items():
            if each := at(results, section, script, kind):
                rows.append([f"{label}, {name}", *(told(each[key]) for key in ("p50_ms", "p99_ms", "min_ms", "max_ms", "count"))])
    for kind, label in (("first", "first byte to event"), ("later", "later bytes to event")):
        if each := at(results, "first_byte", kind):
            rows.append([label, *(told(each[key]) for key in ("p50_ms", "p99_ms", "min_ms", "max_ms", "count"))])
    return table(rows)


def phases_table(results: dict) -> str:
    phases = ("queued", "startup", "execution", "commit", "total")
    rows = [["warm run, mean ms", *phases, "whole call (p50)"]]
    for script, name in SCRIPT_NAMES.items():
        if each := at(results, "warm", script, "phases_mean_ms"):
            rows.append([name, *(told(each.get(phase)) for phase in phases), told(at(results, "warm", script, "warm", "p50_ms"))])
    return table(rows)


def throughput_table(results: dict) -> str:
    rows = [["what", "value"]]
    for script, name in (("pandas_describe", "pandas"), ("print_six", "`print(6)`")):
        each = at(results, "sustained", script) or {}
        rows.append([f"sustained runs/s, {name}", told(at(each, "runs", "per_second"))])
        rows.append([f"plain Jobs/s, {name}", told(at(each, "plain_jobs", "per_second"))])
        rows.append([f"api CPU ms per run, {name}", told(at(each, "cpu_per_run_ms", "api"))])
        rows.append([f"controller CPU ms per run, {name}", told(at(each, "cpu_per_run_ms", "controller"))])
        rows.append([f"PostgreSQL bytes per run, {name} (rows alone)", f"{told(at(each, 'database_bytes_per_run'))} ({told(at(each, 'database_row_bytes_per_run'))})"])
    rows.append(["pool full again after a run, from its POST, p50 ms", told(at(results, "refill", "p50_ms"))])
    rows.append(["a Job that is to wait, from its POST until it does, mean ms", told(at(results, "warm", "refill_mean_ms"))])
    accepted = at(results, "submissions", "accepted") or {}
    rows.append(["accepted submissions/s (refused, broken)", f"{told(accepted.get('per_second'))} ({told(accepted.get('refused'))}, {told(accepted.get('broken'))})"])
    rows.append(["pgbench's bare inserts/s of the same row", told(at(results, "submissions", "bare_inserts", "per_second"))])
    full = at(results, "submissions", "memory_with_full_queue") or {}
    rows.append(["queued, active when memory was read", f"{told(full.get('queued'))}, {told(full.get('active'))}"])
    for program in ("controller", "api"):
        rows.append([f"{program} memory MiB, resident (peak)", f"{told(at(full, program, 'resident_mib'))} ({told(at(full, program, 'peak_mib'))})"])
    return table(rows)


def simulation_table(results: dict) -> str:
    rows = [["queued", "active at most", "program ms", "runs/s", "controller CPU ms per run", "controller MiB when busy", "at the end", "KiB per run"]]
    for each in at(results, "simulation", "scenarios") or []:
        keys = ("queued", "max_active", "program_ms", "runs_per_second", "controller_cpu_per_run_ms", "controller_when_busy_mib", "controller_peak_mib", "controller_kib_per_run")
        rows.append([told(each.get(key)) for key in keys])
    return table(rows)


def waiting_table(results: dict) -> str:
    columns = {"modules": "modules", "ready_ms": "ready after ms", "cpu_ms": "CPU ms", "faults": "page faults", "own_mb": "MB of its own", "pss_mb": "Pss MB"}
    rows = [["Python of a pod that waits", *columns.values()]]
    for way in ("restored", "imported"):
        each = at(results, "waiting", "start", way) or {}
        rows.append([way, *(told(each.get(key)) for key in columns)])
    return table(rows)


def node_table(results: dict) -> str:
    columns = {"pods": "pods that wait", "own_mb_each": "MB of its own, each Python", "pss_mb_each": "Pss MB, each Python", "available_mb_less_each": "MB less available on the node, each pod"}
    rows = [list(columns.values())]
    rows += [[told(each[key]) for key in columns] for each in at(results, "waiting", "node") or []]
    return table(rows)


def pod_table(results: dict) -> str:
    rows = [["processor time, ms", "each run", "each plain Job"]]
    run, plain_job = (at(results, "pod", what) or {} for what in ("run", "plain_job"))
    rows += [[name, told(run[name]), told(plain_job.get(name))] for name in run]
    return table(rows)


def page_table(results: dict) -> str:
    rows = [["the page", "p50 ms", "best ms", "worst ms", "samples"]]
    kinds = (
        (("first_visit", "usable"), "usable, first visit, processor 4 × slower"),
        (("cached_visit", "usable"), "usable, from the cache, processor 4 × slower"),
        (("first_visit", "lcp"), "largest paint, first visit, processor 4 × slower"),
        (("cached_visit", "lcp"), "largest paint, from the cache, processor 4 × slower"),
        (("long_tasks",), "longest task while 100,000 lines/s come (0: none over 50)"),
        (("print",), "key to the first output of a warm `print(6)`"),
        (("figure",), "key to the figure of a warm run"),
    )
    for path, label in kinds:
        each = at(results, "page", *path) or {}
        rows.append([label, *(told(each.get(key)) for key in ("p50_ms", "min_ms", "max_ms", "count"))])
    return table(rows)


def machine_line(results: dict) -> str:
    machine = results["machine"]
    return (
        f"{machine['at']}, commit {machine['commit']}, {results['mode']} mode, {results['seconds']} s; {machine['cpus']} × {machine['cpu_model']},"
        f" {machine['memory_mib']:,} MiB, Linux {machine['kernel']}, load before {machine['load_before'][0]}."
    )


PARTS = {
    "machine": machine_line,
    "bars": bars_table,
    "latency": latency_table,
    "phases": phases_table,
    "waiting": waiting_table,
    "node": node_table,
    "pod": pod_table,
    "page": page_table,
    "throughput": throughput_table,
    "simulation": simulation_table,
    "left-out": lambda results: "\n".join(f"- {each}" for each in results["left_out"]),
}


def text(results: dict) -> str:
    parts = [PARTS[name](results) for name in ("bars", "latency", "phases", "waiting", "node", "pod", "page", "throughput", "simulation")]
    return "\n\n".join([*parts, "Left out:\n" + PARTS["left-out"](results)])


def write(results: dict) -> None:
    document = DOCUMENT.read_text(encoding="utf-8")
    for name, render in PARTS.items():
        between = re.compile(rf"(<!-- bench:{name} -->\n).*?(<!-- end -->)", re.DOTALL)
        if not between.search(document):
            sys.exit(f"{DOCUMENT.relative_to(ROOT)} has no place for {name}")
        document = between.sub(lambda found, render=render: found[1] + render(results) + "\n" + found[2], document)
    DOCUMENT.write_text(document, encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description="Shows what make bench measured.")
    parser.add_argument("--write", action="store_true", help="into docs/performance.md")
    options = parser.parse_args()
    if not RESULTS.exists():
        sys.exit("nothing measured yet: make bench")
    results = json.loads(RESULTS.read_text(encoding="utf-8"))
    if not options.write:
        return print(text(results))
    if results["mode"] != "full":
        sys.exit("these are the figures of a quick run, which mean nothing; run make bench")
    write(results)


if __name__ == "__main__":
    main()
