"""Says how output differs from what a program writes: lines that are lost, repeated, moved, foreign or damaged."""

import zlib

from programs import START


def nonce_of(stdout: bytes, marker: str) -> str | None:
    """The nonce in the first line; None if the line is not there or not whole."""
    line, newline, _ = stdout.partition(b"\n")
    words = line.decode(errors="replace").split(" ")
    return words[2] if newline and len(words) == 3 and words[:2] == [START, marker] else None


def is_intact(line: bytes) -> bool:
    body, _, checksum = line.rpartition(b" ")
    return checksum == b"%08x" % zlib.crc32(body)


def difference(expected: bytes, got: bytes) -> str:
    """For people; the bytes differ."""
    wanted, lines = expected.split(b"\n"), got.split(b"\n")
    places = {line: number for number, line in enumerate(wanted)}
    seen: dict[bytes, int] = {}
    damaged = foreign = 0
    for line in lines:
        if line in places:
            seen[line] = seen.get(line, 0) + 1
        elif is_intact(line):
            foreign += 1  # a line of another execution or run
        else:
            damaged += 1
    known = [places[line] for line in seen]
    facts = {
        "lost": sum(line not in seen for line in wanted),
        "repeated": sum(number - 1 for line, number in seen.items() if line),
        "moved": sum(later < earlier for earlier, later in zip(known, known[1:])),
        "foreign": foreign,
        "damaged": damaged,
    }
    at = next((place for place, (one, other) in enumerate(zip(expected, got)) if one != other), min(len(expected), len(got)))
    told = ", ".join(f"{number} {what}" for what, number in facts.items() if number) or "no line differs"
    return (
        f"{len(got)} bytes instead of {len(expected)}, lines: {told}; differs from byte {at}: "
        f"{got[at : at + 80]!r} instead of {expected[at : at + 80]!r}"
    )
