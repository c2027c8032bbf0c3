#!/usr/bin/python3
"""What the documents list is what the code has: environment variables, metrics, the reasons of a run's end.

Configuration keys are compared by tests/unit/core/config/documented_keys_test.cpp, which asks the programs themselves.

Usage: tests/lint/documentation.py     prints what is missing on either side; exit status 1 if anything is.

Each list is read from both sides as text. A name must therefore stand as a literal in the call that uses it, as it does.
"""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
CONFIGURATION = "docs/configuration.md"
OPERATIONS = "docs/operations.md"

ENVIRONMENT = re.compile(r'\b(?:getenv|FromEnvironment|take)\(\s*"([A-Z][A-Z0-9_]+)"')
METRIC = re.compile(r'\bMake(?:Counter|Gauge|Histogram)\(\s*"(\w+)"')
REASON = re.compile(r'\breason =\s*"([a-z_]+)"')
REASON_OF_RUNNER = re.compile(r'\{Reason::k\w+, "([a-z_]+)"\}')

# `| `key` | …` and `### `word`, `word``: documented is what opens a table's row or stands in a heading.
ROW = re.compile(r"^\| ((?:`[^`]+`(?:, )?)+) \|", re.MULTILINE)
HEADING = re.compile(r"^###+ ((?:`[^`]+`(?:, )?)+)$", re.MULTILINE)


def words(cells: list[str]) -> set[str]:
    return {word for cell in cells for word in re.findall(r"`([^`]+)`", cell)}


def rows(document: str, under: str) -> set[str]:
    """What opens the rows of the tables below the heading `under`, up to the next heading of its level."""
    start = re.search(rf"^(#+) {re.escape(under)}$", document, re.MULTILINE)
    if not start:
        return set()
    rest = document[start.end() :]
    end = re.search(rf"^#{{1,{len(start[1])}}} ", rest, re.MULTILINE)
    return words(ROW.findall(rest[: end.start()] if end else rest))


def found(pattern: re.Pattern[str], sources: dict[str, str]) -> set[str]:
    return {word for text in sources.values() for word in pattern.findall(text)}


def sources(*patterns: str) -> dict[str, str]:
    listed = subprocess.run(["git", "ls-files", "-z", "--", *patterns], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return {name: (ROOT / name).read_text(encoding="utf-8") for name in listed.split("\0") if name and (ROOT / name).is_file()}


def differences(what: str, in_code: set[str], in_document: set[str], document: str) -> list[str]:
    if not in_code:
        return [f"{what}: none found in the code; has the way they are written changed? (tests/lint/documentation.py)"]
    missing = [f"{document}: {what} `{word}` is missing" for word in sorted(in_code - in_document)]
    return missing + [f"{document}: there is no {what} `{word}`" for word in sorted(in_document - in_code)]


def main() -> int:
    configuration = (ROOT / CONFIGURATION).read_text(encoding="utf-8")
    operations = (ROOT / OPERATIONS).read_text(encoding="utf-8")
    programs = sources("api/*.cpp", "api/*.h", "controller/*.cpp", "controller/*.h", "core/*.cpp", "core/*.h")
    runner = sources("images/python/runner/*.cpp")
    verdicts = {name: text for name, text in programs.items() if name.startswith("controller/reconcile/")}
    faults = [
        *differences("variable", found(ENVIRONMENT, {**programs, **runner}), rows(configuration, "Environment of the programs"), CONFIGURATION),
        *differences("metric", found(METRIC, programs), rows(operations, "Metrics"), OPERATIONS),
        *differences("reason", found(REASON, verdicts) | found(REASON_OF_RUNNER, programs), words(HEADING.findall(operations)), OPERATIONS),
    ]
    print(*faults, sep="\n", end="\n" if faults else "")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
