"""Reads the programs: one file per subject, cases one after the other.

    # --- case: a name                      everything up to the next such line is the program
    # stdin: 'a line\\n'                      Python literals, on the lines right below
    # args: ['--flag']
    # each value: [1, 2]                    one case per value; `{{value}}` in the program stands for it
    # scratch: 16                           MiB of writable /dev/shm
    # cold                                  run cold as well as warm; of several values, the first
    # shows nothing                         never as a run that may show something: it looks at what is there for that
    # expect: {'stdout': '...', ...}        only in sandbox.py: not compared with a local run, which has no sandbox
"""

import ast
import dataclasses
import pathlib
import re

PROGRAMS = pathlib.Path(__file__).with_name("programs")
SEPARATOR = re.compile(r"^# --- case: (.+)\n", re.MULTILINE)
OPTION = re.compile(r"# (?:(stdin|args|scratch|expect): (.+)|(cold|shows nothing)|each (\w+): (.+))\n")


@dataclasses.dataclass(frozen=True)
class Case:
    name: str
    source: str
    stdin: str = ""
    args: tuple[str, ...] = ()
    is_cold_too: bool = False
    expected: dict | None = None
    scratch_mib: int = 0
    shows_nothing: bool = False


def parsed(subject: str, text: str) -> list[Case]:
    head, *parts = SEPARATOR.split(text)
    assert not re.sub(r"^#.*$", "", head, flags=re.MULTILINE).strip(), f"{subject}: code before the first case"
    found = []
    for name, program in zip(parts[::2], parts[1::2]):
        options, each = {}, None
        while match := OPTION.match(program):
            key, value, flag, parameter, values = match.groups()
            if flag:
                options["is_cold_too" if flag == "cold" else "shows_nothing"] = True
            elif parameter:
                each = parameter, ast.literal_eval(values)
            else:
                options[{"expect": "expected", "scratch": "scratch_mib"}.get(key, key)] = ast.literal_eval(value)
            program = program[match.end() :]
        options["args"] = tuple(options.get("args", ()))
        program = program.rstrip("\n") + "\n"
        if each is None:
            found.append(Case(f"{subject}: {name}", program, **options))
            continue
        parameter, values = each
        for index, value in enumerate(values):
            filled = program.replace("{{%s}}" % parameter, value if isinstance(value, str) else repr(value))
            sampled = {**options, "is_cold_too": options.get("is_cold_too", False) and index == 0}
            found.append(Case(f"{subject}: {name} [{value}]", filled, **sampled))
    return found


def cases_of(file: pathlib.Path) -> list[Case]:
    return parsed(file.stem, file.read_text())


def compared_programs() -> list[Case]:
    files = sorted(file for file in PROGRAMS.glob("*.py") if file.stem != "sandbox")
    return [case for file in files for case in cases_of(file)]


def sandbox_programs() -> list[Case]:
    return cases_of(PROGRAMS / "sandbox.py")
