"""What one chaos has shown: .oneshot/chaos.json, and a table for people."""

import dataclasses
import json
import pathlib
import statistics
import zlib

from checker import COUNTERS, Violation, count
from record import Blow, Record

SCHEMA = 1
SHOWN = 20  # violations in the table; the file has all


def recoveries(blows: list[Blow]) -> dict[str, dict]:
    """By kind, and by kind and target: strikes, and the seconds from a fault's end until a run that was submitted after it had succeeded."""
    grouped: dict[str, list[Blow]] = {}
    for blow in blows:
        grouped.setdefault(blow.kind, []).append(blow)
        grouped.setdefault(f"{blow.kind} {blow.target}", []).append(blow)
    return {name: recovery(members, blows) for name, members in sorted(grouped.items())}


def seconds_of(blow: Blow) -> float | None:
    return None if blow.recovered is None or blow.ended is None else round(blow.recovered - blow.ended, 2)


def was_alone(blow: Blow, blows: list[Blow]) -> bool:
    """Whether no other fault was on, or not yet recovered from, between this one's beginning and its recovery."""
    return not any(
        other is not blow and other.begun <= (blow.recovered or blow.begun) and (other.recovered is None or other.recovered >= blow.begun)
        for other in blows
        if "nothing" not in other.evidence
    )


def recovery(members: list[Blow], blows: list[Blow]) -> dict:
    dealt = [blow for blow in members if "nothing" not in blow.evidence and not blow.fault]
    seconds = [each for blow in dealt if (each := seconds_of(blow)) is not None]
    alone = [each for blow in dealt if (each := seconds_of(blow)) is not None and was_alone(blow, blows)]
    return {
        "strikes": len(dealt),
        "found_nothing": len(members) - len(dealt),
        "not_recovered": len(dealt) - len(seconds),
        "longest_seconds": max(seconds, default=None),
        "median_seconds": round(statistics.median(seconds), 2) if seconds else None,
        "longest_alone_seconds": max(alone, default=None),
    }


def results(record: Record, violations: list[Violation], left_out: dict[str, str], duration: float) -> dict:
    return {
        "schema": SCHEMA,
        "seed": record.seed,
        "minutes": record.minutes,
        "seconds": round(duration, 1),
        "left_out": left_out,
        **count(record, violations),
        "faults": recoveries(record.blows),
        "strikes": [dataclasses.asdict(blow) for blow in record.blows],
        "violations": [dataclasses.asdict(violation) for violation in violations],
    }


def keep_outputs(record: Record, violations: list[Violation], folder: pathlib.Path) -> None:
    """The output of runs with a violation, as files: a text in JSON hides what is wrong with bytes."""
    for run_id in {violation.evidence["run"]["id"] for violation in violations if "run" in violation.evidence}:
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("stdout", "stderr"):
            (folder / f"{run_id}.{name}").write_bytes(getattr(record.endings[run_id], name))


def write(path: pathlib.Path, found: dict) -> None:
    path.write_text(json.dumps(found, indent=1, default=str) + "\n")


def show(found: dict) -> None:
    print(f"\n{'fault':44} {'strikes':>7} {'longest recovery':>17} {'alone':>9} {'median':>9}")
    for name, facts in found["faults"].items():
        if facts["strikes"]:
            keys = ("longest_seconds", "longest_alone_seconds", "median_seconds")
            longest, alone, median = ("none" if facts[key] is None else f"{facts[key]:.1f} s" for key in keys)
            indent = "  " if " " in name else ""
            print(f"{indent + name:44} {facts['strikes']:7} {longest:>17} {alone:>9} {median:>9}" + (", not always" if facts["not_recovered"] else ""))
    for kind, why in found["left_out"].items():
        print(f"left out: {kind}: {why}")
    names = ("submitted", "accepted", "refused", "unanswered", "unanswered_but_accepted", "interrupted")
    print("\n" + ", ".join(f"{name.replace('_', ' ')} {found[name]}" for name in names))
    print(", ".join(f"{name.replace('_', ' ')} {found[name]}" for name in dict.fromkeys(COUNTERS.values())))
    for violation in found["violations"][:SHOWN]:
        print(f"VIOLATION {violation['invariant']}: {violation['what']}")
    if len(found["violations"]) > SHOWN:
        print(f"… and {len(found['violations']) - SHOWN} more")


def seed_of_now(text: str) -> int:
    """A seed that is short enough to be typed again."""
    return zlib.crc32(text.encode()) % 1_000_000
