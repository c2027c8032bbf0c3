#!/usr/bin/python3
"""What the documents list is what the code has: environment variables, metrics, reasons, problem codes, the files of the walk through
the architecture, and the test of each thing that may die.

Configuration keys are compared by tests/unit/core/config/documented_keys_test.cpp, which asks the programs themselves.

Usage: tests/lint/documentation.py     prints what is missing on either side; exit status 1 if anything is.

Each list is read from both sides as text. A name must therefore stand as a literal in the call that uses it, as it does.
"""

import pathlib
import re
import subprocess
import sys
from collections.abc import Callable

ROOT = pathlib.Path(__file__).resolve().parents[2]
CONFIGURATION = "docs/configuration.md"
OPERATIONS = "docs/operations.md"
ARCHITECTURE = "docs/architecture.md"
WALK = "Follow one submission"
MOST_STOPS = 16
DEATHS = "What happens when something dies"
CONTRACT = "api/schemas.yaml"

ENVIRONMENT = re.compile(r'\b(?:getenv|TakeFromEnvironment|take)\(\s*"([A-Z][A-Z0-9_]+)"')
METRIC = re.compile(r'\bMake(?:Counter|Gauge|Histogram)\(\s*"(\w+)"')
REASON = re.compile(r'\breason =\s*"([a-z_]+)"')
REASON_OF_RUNNER = re.compile(r'\{Reason::k\w+, "([a-z_]+)"\}')

# What the runner alone says; runs and users hear of `pod_disrupted`.
BETWEEN_PROGRAMS = {"terminated"}

PROBLEM = re.compile(r'(?:\.code = |"code", |\{[45]\d\d, )"([a-z_]+)"')
PROBLEM_OF_NGINX = re.compile(r'"code":"([a-z_]+)"')

# `| `key` | …` and `### `word`, `word``: documented is what opens a table's row or stands in a heading.
ROW = re.compile(r"^\| ((?:`[^`]+`(?:, )?)+) \|", re.MULTILINE)
HEADING = re.compile(r"^###+ ((?:`[^`]+`(?:, )?)+)$", re.MULTILINE)
# A path in the walk, and how a stop of it begins.
PATH = re.compile(r"`([\w.-]+(?:/[\w.-]+)+\.\w+)`")
STOP = re.compile(rf"\d+\. {PATH.pattern} \w")

# A test: the path of its file, then the names of one or several tests in it. How a test of that name is declared.
TEST_FILE = re.compile(r"`(tests/[\w./-]+)`")
DECLARED = {".py": r"def {}\(", ".cpp": r"^TEST(?:_F|_P)?\(\w+,\s+{}\)", ".mjs": r"\bit\('{}'"}


def words(cells: list[str]) -> set[str]:
    return {word for cell in cells for word in re.findall(r"`([^`]+)`", cell)}


def section(document: str, heading: str) -> str:
    """What stands below `heading`, up to the next heading of its level."""
    start = re.search(rf"^(#+) {re.escape(heading)}$", document, re.MULTILINE)
    if not start:
        return ""
    rest = document[start.end() :]
    end = re.search(rf"^#{{1,{len(start[1])}}} ", rest, re.MULTILINE)
    return rest[: end.start()] if end else rest


def rows(document: str, under: str) -> set[str]:
    """What opens the rows of the tables below the heading `under`."""
    return words(ROW.findall(section(document, under)))


def walk_faults(document: str, exists: Callable[[str], bool]) -> list[str]:
    """The walk has two ways, each a numbered list; every stop opens with the path of a file, and every path it names exists."""
    walk = section(document, WALK)
    faults = [f"{ARCHITECTURE}: {WALK}: there is no {path}" for path in PATH.findall(walk) if not exists(path)]
    ways = [re.findall(r"^\d+\. .*", way, re.MULTILINE) for way in re.split(r"^### ", walk, flags=re.MULTILINE)[1:]]
    if len(ways) != 2:
        faults.append(f"{ARCHITECTURE}: {WALK}: {len(ways)} ways instead of one in and one out")
    for stops in ways:
        if not 1 <= len(stops) <= MOST_STOPS:
            faults.append(f"{ARCHITECTURE}: {WALK}: {len(stops)} stops on one way instead of 1 to {MOST_STOPS}")
        faults += [f"{ARCHITECTURE}: {WALK}: a stop does not begin with a file: {stop}" for stop in stops if not STOP.match(stop)]
    return faults


def tests_of(cell: str) -> list[tuple[str, str]]:
    """The tests that a cell of the table names, as pairs of path and name."""
    _, *parts = TEST_FILE.split(cell)
    return [(path, name) for path, names in zip(parts[::2], parts[1::2], strict=True) for name in re.findall(r"`([^`]+)`", names)]


def declares(text: str, path: str, name: str) -> bool:
    pattern = DECLARED.get(pathlib.PurePath(path).suffix)
    return bool(pattern and re.search(pattern.format(re.escape(name)), text, re.MULTILINE))


def death_faults(document: str, read: Callable[[str], str | None]) -> list[str]:
    """Each row of the table names a test that there is. `read` returns a file's text, or None when there is no such file."""
    where = f"{ARCHITECTURE}: {DEATHS}"
    _, _, *deaths = re.findall(r"^\|(.+)\|$", section(document, DEATHS), re.MULTILINE) or ["", ""]
    faults = [] if deaths else [f"{where}: there is no table"]
    for what, *_, cell in (row.split("|") for row in deaths):
        if not tests_of(cell):
            faults.append(f"{where}: no test is named for: {what.strip()}")
        for path, name in tests_of(cell):
            text = read(path)
            if text is None:
                faults.append(f"{where}: there is no {path}")
            elif not declares(text, path, name):
                faults.append(f"{where}: {path} has no test `{name}`")
    return faults


def found(pattern: re.Pattern[str], sources: dict[str, str]) -> set[str]:
    return {word for text in sources.values() for word in pattern.findall(text)}


def enumeration(contract: str, schema: str) -> set[str]:
    """The values of `components.schemas.<schema>`, if it is an enum."""
    found = re.search(rf"^    {schema}:\n(?:      .*\n)*?      enum: \[([^\]]*)\]", contract, re.MULTILINE)
    return set(re.findall(r"\w+", found[1])) if found else set()


def sources(*patterns: str) -> dict[str, str]:
    listed = subprocess.run(["git", "ls-files", "-z", "--", *patterns], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return {name: (ROOT / name).read_text(encoding="utf-8") for name in listed.split("\0") if name and (ROOT / name).is_file()}


def differences(what: str, in_code: set[str], in_document: set[str], document: str) -> list[str]:
    if not in_code:
        return [f"{what}: none found in the code; has the way they are written changed? (tests/lint/documentation.py)"]
    missing = [f"{document}: {what} `{word}` is missing" for word in sorted(in_code - in_document)]
    return missing + [f"{document}: there is no {what} `{word}`" for word in sorted(in_document - in_code)]


def text_of(path: str) -> str | None:
    file = ROOT / path
    return file.read_text(encoding="utf-8") if file.is_file() else None


def main() -> int:
    architecture = (ROOT / ARCHITECTURE).read_text(encoding="utf-8")
    configuration = (ROOT / CONFIGURATION).read_text(encoding="utf-8")
    operations = (ROOT / OPERATIONS).read_text(encoding="utf-8")
    contract = (ROOT / CONTRACT).read_text(encoding="utf-8")
    programs = sources("api/*.cpp", "api/*.h", "controller/*.cpp", "controller/*.h", "core/*.cpp", "core/*.h")
    runner = sources("images/python/runner/*.cpp")
    verdicts = {name: text for name, text in programs.items() if name.startswith("controller/reconcile/")}
    faults = [
        *differences("variable", found(ENVIRONMENT, {**programs, **runner}), rows(configuration, "Environment of the programs"), CONFIGURATION),
        *differences("metric", found(METRIC, programs), rows(operations, "Metrics"), OPERATIONS),
        *differences("reason", found(REASON, verdicts) | found(REASON_OF_RUNNER, programs) - BETWEEN_PROGRAMS, words(HEADING.findall(operations)), OPERATIONS),
        *differences("reason", words(HEADING.findall(operations)), enumeration(contract, "Reason"), CONTRACT),
        *differences(
            "problem code",
            found(PROBLEM, programs) | found(PROBLEM_OF_NGINX, sources("images/web/nginx/problems.conf")),
            enumeration(contract, "ProblemCode"),
            CONTRACT,
        ),
        *walk_faults(architecture, lambda path: (ROOT / path).is_file()),
        *death_faults(architecture, text_of),
    ]
    print(*faults, sep="\n", end="\n" if faults else "")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
