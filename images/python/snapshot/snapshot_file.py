"""Writes the file that format.h describes. The structures are that header's, name by name."""

import ctypes
import os
import pathlib
from collections.abc import Iterable, Mapping

MAGIC = int.from_bytes(b"ONESHOT\0", "little")
VERSION = 1
HEADER_SPACE = 1 << 20
PAGE = 4096

u32, u64 = ctypes.c_uint32, ctypes.c_uint64


class Table(ctypes.Structure):
    _fields_ = [("offset", u64), ("count", u64)]


class Registers(ctypes.Structure):
    _fields_ = [(name, u64) for name in ("rbx", "rbp", "r12", "r13", "r14", "r15", "rsp", "rip", "fs_base")]


class CpuFeatures(ctypes.Structure):
    _fields_ = [("bits", u32 * 8), ("vendor", u32 * 3), ("reserved", u32)]


class Region(ctypes.Structure):
    _fields_ = [("address", u64), ("bytes", u64), ("offset", u64), ("protection", u64)]


class File(ctypes.Structure):
    _fields_ = [("path_offset", u64), ("bytes", u64), ("modified", u64)]


class Signal(ctypes.Structure):
    _fields_ = [("number", u64), ("handler", u64), ("flags", u64), ("restorer", u64), ("mask", u64)]


class VdsoPointer(ctypes.Structure):
    _fields_ = [("address", u64), ("name_offset", u64)]


class Range(ctypes.Structure):
    _fields_ = [("address", u64), ("bytes", u64)]


class Header(ctypes.Structure):
    _fields_ = [
        ("magic", u64),
        ("version", u32),
        ("reserved", u32),
        ("checksum", u64),
        ("header_bytes", u64),
        ("file_bytes", u64),
        ("regions", Table),
        ("files", Table),
        ("written", Table),
        ("signals", Table),
        ("vdso_pointers", Table),
        ("environment", Table),
        ("registers", Registers),
        ("signal_mask", u64),
        ("thread_id_address", u64),
        ("robust_list_address", u64),
        ("robust_list_bytes", u64),
        ("break_address", u64),
        ("thread_name", ctypes.c_char * 16),
        ("cpu", CpuFeatures),
    ]


def checksum(data: bytes) -> int:
    total = 0xCBF29CE484222325
    for word in memoryview(data).cast("Q"):
        total = ((total ^ word) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return total


class SnapshotFile:
    """Collects the tables, then writes everything at once."""

    def __init__(self):
        self.header = Header(magic=MAGIC, version=VERSION)
        self.strings = b""
        self.pages: list[bytes] = []
        self.page_bytes = 0
        self.tables: dict[str, list] = {}
        self.string_users: list[tuple[ctypes.Structure, str, int]] = []

    def add_files(self, paths: Iterable[str]) -> None:
        for path in paths:
            found = os.stat(path)
            entry = File(bytes=found.st_size, modified=int(found.st_mtime))
            self._add("files", entry)
            self._refer(entry, "path_offset", path)

    def add_region(self, address: int, size: int, protection: int, data: bytes | None) -> None:
        """Without data it is zeros."""
        self._add("regions", Region(address, size, 0 if data is None else HEADER_SPACE + self.page_bytes, protection))
        if data is not None:
            self.pages.append(data)
            self.page_bytes += len(data)

    def add_written(self, address: int, size: int) -> None:
        self._add("written", Range(address, size))

    def add_signal(self, number: int, handler: int, flags: int, restorer: int, mask: int) -> None:
        self._add("signals", Signal(number, handler, flags, restorer, mask))

    def add_vdso_pointer(self, address: int, name: str) -> None:
        entry = VdsoPointer(address=address)
        self._add("vdso_pointers", entry)
        self._refer(entry, "name_offset", name)

    def write(self, path: pathlib.Path, environment: Mapping[str, str]) -> None:
        """May be called again when something was added."""
        at = ctypes.sizeof(Header)
        for name, entries in self.tables.items():
            setattr(self.header, name, Table(at, len(entries)))
            at += sum(map(ctypes.sizeof, entries))
        for entry, field, offset in self.string_users:
            setattr(entry, field, at + offset)
        self.header.environment = Table(at + len(self.strings), len(environment))
        variables = b"".join(os.fsencode(f"{name}={value}") + b"\0" for name, value in environment.items())
        body = b"".join(bytes(entry) for entries in self.tables.values() for entry in entries) + self.strings + variables
        body += bytes(-len(body) % ctypes.sizeof(u64))
        self.header.header_bytes = ctypes.sizeof(Header) + len(body)
        if self.header.header_bytes > HEADER_SPACE:
            raise ValueError(f"the header would have {self.header.header_bytes} bytes, more than {HEADER_SPACE}")
        self.header.file_bytes = HEADER_SPACE + self.page_bytes
        self.header.checksum = checksum((bytes(self.header) + body)[Header.header_bytes.offset :])
        with path.open("wb") as out:
            out.write((bytes(self.header) + body).ljust(HEADER_SPACE, b"\0"))
            out.writelines(self.pages)

    def _add(self, table: str, entry: ctypes.Structure) -> None:
        self.tables.setdefault(table, []).append(entry)

    def _refer(self, entry: ctypes.Structure, field: str, text: str) -> None:
        self.string_users.append((entry, field, len(self.strings)))
        self.strings += os.fsencode(text) + b"\0"
