"""What chaos submits: programs whose every line says whose it is, which execution wrote it, where it belongs, and its own checksum.

The first line of an execution is `chaos-start MARKER NONCE`. The nonce is drawn by the program, so two executions of one run never print the
same bytes, and from marker and nonce all bytes that the program writes can be told.
"""

import dataclasses
import inspect
import random
import zlib

MIB = 1024 * 1024
START = "chaos-start"


def numbered(marker: str, nonce: str, stream: str, number: int, payload: str) -> str:
    """One line of a program; this source is part of every program."""
    body = f"{marker} {nonce} {stream} {number} {payload}"
    return f"{body} {zlib.crc32(body.encode()):08x}\n"


PREAMBLE = "import os, sys, time, zlib\n" + inspect.getsource(numbered)

# Capitals stand for parameters.
PRINTS = """
for n in range(LINES):
    stream = "e" if BOTH and n % 2 else "o"
    (sys.stderr if stream == "e" else sys.stdout).write(numbered(marker, nonce, stream, n, "x" * WIDTH))
    if PAUSE:
        time.sleep(PAUSE)
"""
READS = """
for n, text in enumerate(sys.stdin):
    sys.stdout.write(numbered(marker, nonce, "o", n, text.rstrip("\\n")))
"""
COMPUTES = """
import pandas
frame = pandas.DataFrame({"n": range(LINES)})
frame["group"] = frame.n % 7
for group, total in frame.groupby("group").n.sum().items():
    sys.stdout.write(numbered(marker, nonce, "o", group, str(total)))
"""
RAISES = PRINTS + 'raise ValueError(f"{marker} {nonce}")\n'
EXITS = PRINTS + "sys.exit(CODE)\n"
SLEEPS = PRINTS + "time.sleep(3600)\n"


@dataclasses.dataclass(frozen=True)
class Kind:
    """A sort of program, with the end it comes to when nobody cancels it."""

    name: str
    body: str
    lines: tuple[int, int]  # at least, at most
    pause: float = 0
    width: tuple[int, int] = (10, 60)
    both: bool = False
    status: str = "succeeded"
    reason: str = "exited"
    exit_code: int | None = 0
    wall_seconds: float = 60  # far above what they take, because a pause of their runner costs them time, too
    output_mib: int = 2
    cancelled: bool = False  # the submitter will ask for it


KINDS = {
    kind.name: kind
    for kind in (
        Kind("short", PRINTS, (1, 20)),
        Kind("long", PRINTS, (40, 200), pause=0.1),
        Kind("much", PRINTS, (8000, 20000), output_mib=5),
        Kind("both", PRINTS, (50, 400), pause=0.01, both=True),
        Kind("exit", EXITS, (1, 20), status="failed", exit_code=3),
        Kind("exception", RAISES, (1, 20), status="failed", exit_code=1),
        Kind("timeout", SLEEPS, (1, 10), status="timed_out", reason="wall_time_exceeded", exit_code=None, wall_seconds=2),
        Kind("cancelled", PRINTS, (400, 500), pause=0.1, cancelled=True),
        Kind("pandas", COMPUTES, (10_000, 100_000)),
        Kind("stdin", READS, (1, 1500)),
    )
}


@dataclasses.dataclass(frozen=True)
class Program:
    """A kind with all its parameters. The same name, marker and seed are the same program."""

    kind: Kind
    marker: str
    seed: int

    def parameters(self) -> dict[str, object]:
        chance = random.Random(f"{self.kind.name}/{self.seed}")
        lines, width = chance.randint(*self.kind.lines), chance.randint(*self.kind.width)
        return {"LINES": lines, "WIDTH": width, "PAUSE": self.kind.pause, "BOTH": self.kind.both, "CODE": self.kind.exit_code}

    def stdin(self) -> str | None:
        if self.kind.body != READS:
            return None
        chance = random.Random(f"stdin/{self.seed}")
        lines = chance.randint(*self.kind.lines)
        return "".join(f"{chance.getrandbits(4 * chance.randint(1, 20)):x}\n" for _ in range(lines))

    def source(self) -> str:
        settings = "".join(f"{name} = {value!r}\n" for name, value in self.parameters().items())
        begin = f'marker, nonce = "{self.marker}", os.urandom(8).hex()\nprint("{START}", marker, nonce)\n'
        return PREAMBLE + settings + begin + self.kind.body

    def output(self, nonce: str) -> tuple[bytes, bytes]:
        """All that an execution with this nonce writes to stdout and stderr, if nobody stops it."""
        out, err = [f"{START} {self.marker} {nonce}\n"], []
        for stream, number, payload in self.lines_written():
            (err if stream == "e" else out).append(numbered(self.marker, nonce, stream, number, payload))
        if self.kind.body == RAISES:
            line = self.source().splitlines().index('raise ValueError(f"{marker} {nonce}")') + 1
            err.append(f'Traceback (most recent call last):\n  File "/code/main.py", line {line}, in <module>\n')
            err.append(f'    raise ValueError(f"{{marker}} {{nonce}}")\nValueError: {self.marker} {nonce}\n')
        return "".join(out).encode(), "".join(err).encode()

    def lines_written(self):
        """Each line as stream, number and payload."""
        known = self.parameters()
        if self.kind.body == READS:
            yield from (("o", n, text) for n, text in enumerate((self.stdin() or "").splitlines()))
        elif self.kind.body == COMPUTES:
            yield from (("o", group, str(sum(range(group, known["LINES"], 7)))) for group in range(7))
        else:
            both = known["BOTH"]
            yield from (("e" if both and n % 2 else "o", n, "x" * known["WIDTH"]) for n in range(known["LINES"]))
