"""Which pages of a snapshot a restored interpreter writes to, found by running programs in it.

Each such page costs a fault when it is written to, several times what it costs to copy all of them at once (format.h, Range).
"""

import ctypes
import itertools
import os
import pathlib
import socket
import struct
import subprocess
from collections.abc import Collection, Iterable, Iterator, Mapping

from memory_map import WRITE, Region
from snapshot_file import PAGE
from tracee import PTRACE_CONT, WORD, TakeError, libc, ptrace

PTRACE_SEIZE, PTRACE_O_TRACEEXIT, PTRACE_EVENT_EXIT = 0x4206, 0x40, 6
# Bits of /proc/PID/pagemap (Documentation/admin-guide/mm/pagemap.rst).
PRESENT, OF_A_FILE = 1 << 63, 1 << 61

# What they need, and what they do: that of many programs, because each page counts towards the memory of every pod that waits.
PROGRAMS = {
    "print(6)": (),
    """
import pandas
frame = pandas.DataFrame({"key": list("aabbcc"), "value": [1.5, 2, 3, 4, 5, 6.5]})
print(frame.describe())
print(frame.groupby("key").value.agg(["sum", "mean"]))
print(frame.merge(frame, on="key").sort_values("value_x").head())
""": ("pandas",),
    """
import numpy, scipy.optimize, scipy.stats
x = numpy.linspace(0, 1, 50)
print(scipy.stats.linregress(x, 2 * x + 1))
print(scipy.optimize.curve_fit(lambda x, a, b: a * x + b, x, 2 * x + 1))
""": ("numpy", "scipy.optimize", "scipy.stats"),
}


def fields(*values: bytes) -> bytes:
    return b"".join(struct.pack(">I", len(value)) + value for value in values)


class Rehearsal:
    """A restored interpreter, stopped when its program has ended and its memory is still there."""

    def __init__(self, restorer: str, snapshot: pathlib.Path, code: str, environment: Mapping[str, str], program: str):
        main = pathlib.Path(code) / "main.py"
        main.write_text(program)
        ours, theirs = socket.socketpair()
        with ours, theirs:
            self.process = subprocess.Popen(
                [restorer, str(main)],
                env={**environment, "ONESHOT_SNAPSHOT": str(snapshot), "ONESHOT_RESTORE_TRIES": "0"},
                cwd=code,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                preexec_fn=lambda: self._become(theirs.fileno()),
                pass_fds=(3,),
            )
            theirs.close()
            said = ours.makefile("rb")
            while not (line := said.readline()).startswith(b"ready"):
                if not line or line.startswith(b"snapshot refused"):
                    raise TakeError(f"the snapshot cannot be restored: {line!r}")
            ptrace(PTRACE_SEIZE, self.process.pid, None, PTRACE_O_TRACEEXIT)
            program_environment = fields(*(f"{name}={value}".encode() for name, value in environment.items()))
            ours.sendall(b"r" + fields(fields(b"0", program_environment, b"", b"")))
            self._wait_for_exit()

    @staticmethod
    def _become(control: int) -> None:
        """As the runner's child does."""
        os.dup2(control, 3)
        libc.personality(ctypes.c_ulong(0))

    def _wait_for_exit(self) -> None:
        while True:
            _, status = os.waitpid(self.process.pid, 0)
            if not os.WIFSTOPPED(status):
                raise TakeError(f"the restored interpreter ended unseen, status {status:#x}")
            if status >> 16 == PTRACE_EVENT_EXIT:
                return
            ptrace(PTRACE_CONT, self.process.pid, None, os.WSTOPSIG(status))

    def written(self, region: Region) -> Iterator[int]:
        with open(f"/proc/{self.process.pid}/pagemap", "rb", buffering=0) as pagemap:
            pagemap.seek(region.address // PAGE * WORD.size)
            entries = pagemap.read(region.bytes // PAGE * WORD.size)
        for number, (entry,) in enumerate(WORD.iter_unpack(entries)):
            if entry & PRESENT and not entry & OF_A_FILE:
                yield region.address + number * PAGE

    def end(self) -> None:
        ptrace(PTRACE_CONT, self.process.pid)
        if status := self.process.wait():
            raise TakeError(f"the restored interpreter ended with {status}")


def ranges(pages: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Neighbours as one: (address, bytes)."""
    for _, neighbours in itertools.groupby(enumerate(pages), lambda each: each[1] - each[0] * PAGE):
        run = [page for _, page in neighbours]
        yield run[0], len(run) * PAGE


def written_ranges(
    regions: Iterable[Region], modules: Collection[str], restorer: str, snapshot: pathlib.Path, code: str, environment: Mapping[str, str]
) -> Iterator[tuple[int, int]]:
    """By address, each within one region, because a piece of advice ends where the kernel's mapping does."""
    writable = [region for region in regions if region.protection & WRITE]
    written: dict[int, set[int]] = {region.address: set() for region in writable}
    for program, needed in PROGRAMS.items():
        if set(needed) <= set(modules):
            rehearsal = Rehearsal(restorer, snapshot, code, environment, program)
            for region in writable:
                written[region.address].update(rehearsal.written(region))
            rehearsal.end()
    for pages in written.values():
        yield from ranges(sorted(pages))
