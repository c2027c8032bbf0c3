"""What a stopped process has in memory, as the regions of a snapshot."""

import dataclasses
import os
import pathlib
from collections.abc import Iterable, Iterator

from snapshot_file import PAGE
from tracee import STACK_BYTES, TakeError, Tracee

READ, WRITE, EXECUTE = 1, 2, 4
# The kernel's own; a restored process has them from its own start.
KERNEL_REGIONS = ("[vdso]", "[vvar]", "[vvar_vclock]", "[vsyscall]")
# Fewer pages of zeros than this between others are kept, because a mapping more costs more than they do.
SHORTEST_ZEROS = 16


@dataclasses.dataclass
class Mapping:
    """A line of /proc/PID/maps."""

    start: int
    end: int
    protection: int
    is_shared: bool
    offset: int
    path: str

    @property
    def is_file(self) -> bool:
        return self.path.startswith("/") and not self.path.endswith(" (deleted)")


@dataclasses.dataclass
class Region:
    """As in format.h; without data it is zeros."""

    address: int
    bytes: int
    protection: int
    data: bytearray | None = None


def mappings(pid: int) -> Iterator[Mapping]:
    for line in pathlib.Path(f"/proc/{pid}/maps").read_text().splitlines():
        addresses, flags, offset, _, _, *rest = line.split(None, 5)
        start, end = (int(part, 16) for part in addresses.split("-"))
        protection = sum(bit for letter, bit in zip("rwx", (READ, WRITE, EXECUTE), strict=True) if letter in flags)
        yield Mapping(start, end, protection, flags[3] == "s", int(offset, 16), rest[0] if rest else "")


def base_of(pid: int, path: str) -> int:
    """Where the file's first byte is mapped."""
    for mapping in mappings(pid):
        if mapping.offset == 0 and mapping.is_file and os.path.samefile(mapping.path, path):
            return mapping.start
    raise TakeError(f"{path} is not mapped")


def pieces(data: bytes) -> Iterator[tuple[int, int, bool]]:
    """Cuts memory into (from, to, is_zero) by pages."""
    zeros, cuts = bytes(PAGE), []
    for at in range(0, len(data), PAGE):
        is_zero = data[at : at + PAGE] == zeros
        if cuts and cuts[-1][2] == is_zero:
            cuts[-1][1] = at + PAGE
        else:
            cuts.append([at, at + PAGE, is_zero])
    start = 0
    for begin, end, is_zero in cuts:
        if is_zero and (end - begin >= SHORTEST_ZEROS * PAGE or len(cuts) == 1):
            if start < begin:
                yield start, begin, False
            yield begin, end, True
            start = end
    if start < len(data):
        yield start, len(data), False


def regions_of(tracee: Tracee) -> Iterator[Region]:
    """By address, with code and constants of libraries too: mapped from their own files they would be a tenth of the size, and
    cost an open and three mappings for each of them at every start."""
    for mapping in mappings(tracee.pid):
        if mapping.path in KERNEL_REGIONS:
            continue
        size = mapping.end - mapping.start
        if mapping.path == "[stack]":  # it grows on demand; here all of it is there from the start, as its limit says
            yield Region(mapping.end - STACK_BYTES, STACK_BYTES - size, READ | WRITE)
        if mapping.is_shared and mapping.is_file and mapping.protection & WRITE:
            raise TakeError(f"a preloaded module may write to {mapping.path}")
        if mapping.protection == 0:
            yield Region(mapping.start, size, 0)
            continue
        data = tracee.read(mapping.start, size)
        for begin, end, is_zero in pieces(data):
            yield Region(mapping.start + begin, end - begin, mapping.protection, None if is_zero else bytearray(data[begin:end]))


def joined(regions: Iterable[Region]) -> list[Region]:
    """Neighbours as one where they are one mapping to the kernel, because each costs a system call at every start."""
    done: list[Region] = []
    for region in regions:
        last = done[-1] if done else None
        if (
            last
            and (last.address + last.bytes, last.protection) == (region.address, region.protection)
            and (last.data is None) == (region.data is None)
        ):
            last.bytes += region.bytes
            if last.data is not None:
                last.data += region.data
        else:
            done.append(region)
    return done
