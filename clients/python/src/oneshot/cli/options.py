"""The command line."""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import dataclass, fields
from typing import Any, Dict, List, NoReturn, Optional, Sequence, Tuple, Union

from oneshot.cli import exit_status
from oneshot.models import Limits
from oneshot.version import VERSION

LIMITS = tuple(each.name for each in fields(Limits))
WHOLE = ("memory_mib", "output_bytes", "scratch_mib")
DESCRIPTION = "Runs a Python file on Oneshot as `python3 FILE ARGUMENT...` would run it here: same output, same errors, same exit status."


class Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(exit_status.USAGE, f"{self.prog}: {message}\n")


SCRATCH_MIB = 16  # where files are to come back and nothing else is said


@dataclass(frozen=True)
class Options:
    url: Optional[str]
    submission: Dict[str, Any]  # the arguments of `client.submit`
    takes_typing: bool  # where standard input is a terminal and output is followed
    timeout: float
    follow: Optional[bool]  # None: where standard output is a terminal
    json: bool
    raw: bool
    display: Optional[str]
    output_dir: Optional[str]
    id_file: Optional[str]


def parse(arguments: Optional[Sequence[str]]) -> Options:
    parser = Parser(
        prog="oneshot", description=DESCRIPTION, epilog=exit_status.EXPLANATION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--version", action="version", version=f"oneshot {VERSION}")
    add(
        "--url",
        metavar="URL",
        help="address of the site (default: $ONESHOT_URL, or http://localhost:8000); a key is taken from $ONESHOT_API_KEY",
    )
    stdin = parser.add_mutually_exclusive_group()
    stdin.add_argument(
        "--stdin",
        action="store_true",
        default=None,
        help="read all of standard input before the program begins (default: pass on what is typed, if it is a terminal and output is followed)",
    )
    stdin.add_argument("--no-stdin", action="store_false", dest="stdin", help="give the program nothing to read")
    add(
        "--file",
        metavar="PATH[=NAME]",
        action="append",
        default=[],
        type=_file,
        help="a file that the program finds as NAME (default: the last part of PATH)",
    )
    add("--limit", metavar="NAME=VALUE", action="append", default=[], type=_limit, help=f"one of {', '.join(LIMITS)}")
    add("--scratch", metavar="MIB", type=int, help="writable memory in the program's folder: --limit scratch_mib=MIB")
    add("--output-dir", metavar="FOLDER", help="bring back what the program writes, and save it there; gives it scratch space")
    add(
        "--output",
        metavar="PATTERN",
        action="append",
        default=[],
        help="bring back only files like this, such as '*.csv' (with --output-dir)",
    )
    add("--display", metavar="FOLDER", help="let the program show figures and tables, and save them there")
    add(
        "--timeout",
        metavar="SECONDS",
        type=float,
        default=600.0,
        help="cancel the run when it has not ended after so long (default: %(default)g)",
    )
    add("--id-file", metavar="PATH", help="write the run's id to this file")
    output = parser.add_mutually_exclusive_group()
    output.add_argument(
        "--follow", action="store_true", default=None, help="write output as it comes (default: if standard output is a terminal)"
    )
    output.add_argument("--no-follow", action="store_false", dest="follow", help="write output when the run has ended")
    output.add_argument("--json", action="store_true", help="write the run as JSON instead of its output")
    add("--raw", action="store_true", help="write every control character to a terminal, too")
    add("program", metavar="FILE", help="the program; - reads it from standard input")
    add("arguments", metavar="ARGUMENT", nargs=argparse.REMAINDER, help="its arguments")
    given = parser.parse_args(arguments)
    if given.stdin and given.program == "-":
        parser.error("standard input is either the program (-) or its input (--stdin)")
    if not 0 < given.timeout < float("inf"):
        parser.error("--timeout must be a positive number of seconds")
    if given.output and given.output_dir is None:
        parser.error("--output needs --output-dir, the folder to save in")
    try:
        submission = _submission(given)
    except (OSError, ValueError) as fault:
        parser.error(str(fault))
    takes_typing = given.stdin is None and given.program != "-"
    return Options(
        url=given.url,
        submission=submission,
        takes_typing=takes_typing,
        timeout=given.timeout,
        follow=given.follow,
        json=given.json,
        raw=given.raw,
        display=given.display,
        output_dir=given.output_dir,
        id_file=given.id_file,
    )


def _submission(given: argparse.Namespace) -> Dict[str, Any]:
    limits = dict(given.limit)
    if given.scratch is not None:
        limits["scratch_mib"] = given.scratch
    if given.output_dir is not None:
        limits.setdefault("scratch_mib", SCRATCH_MIB)
    return {
        "source": _text("the program", sys.stdin.buffer.read() if given.program == "-" else _read(given.program)),
        "args": given.arguments,
        "stdin": _text("standard input", sys.stdin.buffer.read()) if given.stdin else None,
        "limits": Limits(**limits),
        "display": given.display is not None,
        "files": _files(given.file),
        "outputs": given.output or (["*"] if given.output_dir is not None else []),
    }


def _file(value: str) -> Tuple[str, str]:
    path, equals, name = value.rpartition("=")
    if not equals:
        path, name = value, os.path.basename(value)
    parts = name.split("/")
    if not path or any(part in ("", ".", "..") for part in parts):
        raise argparse.ArgumentTypeError(f"{name!r} is no name of a file below the program's folder; give one: PATH=NAME")
    return path, name


def _limit(value: str) -> Tuple[str, Union[int, float]]:
    name, _, number = value.partition("=")
    if name not in LIMITS:
        raise argparse.ArgumentTypeError(f"{name!r} is none of {', '.join(LIMITS)}")
    try:
        return name, int(number) if name in WHOLE else float(number)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{name} must be a {'whole ' if name in WHOLE else ''}number, not {number!r}") from None


def _files(pairs: List[Tuple[str, str]]) -> Dict[str, Union[str, bytes]]:
    files: Dict[str, Union[str, bytes]] = {}
    for path, name in pairs:
        if name in files:
            raise ValueError(f"--file: two files are named {name!r}")
        files[name] = _read(path)
    return files


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def _text(what: str, content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as fault:
        raise ValueError(f"{what} is not UTF-8: {fault.reason} at byte {fault.start}") from None
