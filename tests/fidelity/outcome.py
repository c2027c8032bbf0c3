"""What a program did, as its caller sees it, and the little that may differ between two executions of one program."""

import dataclasses
import difflib
import re

# `Exception ignored in: <function A.__del__ at 0x7f..>`: where an object lies is chance, also between two local executions.
ADDRESS = re.compile(rb"\b0x[0-9a-f]{6,16}\b")


@dataclasses.dataclass(frozen=True)
class Outcome:
    stdout: bytes
    stderr: bytes
    exit_code: int | None
    signal: int | None

    def normalised(self) -> "Outcome":
        return dataclasses.replace(self, stdout=ADDRESS.sub(b"0x..", self.stdout), stderr=ADDRESS.sub(b"0x..", self.stderr))


def differences(expected: Outcome, actual: Outcome, names: tuple[str, str]) -> str:
    """Empty when both are the same to the byte; else what differs, stream by stream."""
    expected, actual = expected.normalised(), actual.normalised()
    found = []
    for stream in ("stdout", "stderr"):
        before, after = getattr(expected, stream), getattr(actual, stream)
        if before != after:
            lines = [text.decode(errors="backslashreplace").splitlines(keepends=True) for text in (before, after)]
            shown = [line.rstrip("\n") for line in difflib.unified_diff(*lines, *(f"{stream} {name}" for name in names), n=1)]
            found += shown[:60] or [f"{stream}: {before[-80:]!r} {names[0]}, {after[-80:]!r} {names[1]}"]
    for fact in ("exit_code", "signal"):
        if getattr(expected, fact) != getattr(actual, fact):
            found.append(f"{fact}: {getattr(expected, fact)} {names[0]}, {getattr(actual, fact)} {names[1]}")
    return "\n".join(found)
