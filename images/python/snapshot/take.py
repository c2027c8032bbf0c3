"""Takes the snapshot that oneshot-restore maps: starts Python as the runner would, lets the bootstrap import everything and stop
itself, and writes down what is in its memory.

A step of the image's build, run with the Python, the runner, the bootstrap and the packages of the image.

Usage: take.py [--cpu x86-64-v3|native] [--modules NAME,...] SNAPSHOT
"""

import argparse
import ctypes
import os
import pathlib
import shutil
import signal
import struct
import subprocess
import sys
from collections.abc import Iterator

import cpu_level
from memory_map import Region, base_of, joined, mappings, regions_of
from modules import MODULES
from rehearsal import written_ranges
from snapshot_file import CpuFeatures, Registers, SnapshotFile
from tracee import SYS_SET_TID_ADDRESS, TakeError, Tracee

# As the runner's (runner/README.md).
BOOTSTRAP = os.environ.get("ONESHOT_BOOTSTRAP_DIR", "/usr/local/lib/oneshot")
CODE = os.environ.get("ONESHOT_CODE_DIR", "/code")
PYTHON = os.environ.get("ONESHOT_PYTHON", "python3")
RESTORER = os.environ.get("ONESHOT_RESTORER", "/usr/local/bin/oneshot-restore")
RUNNER = os.environ.get("ONESHOT_RUNNER", "/usr/local/bin/oneshot-runner")
DEADLINE_SECONDS = 300

def program_environment() -> dict[str, str]:
    """What a program sees, from the one who knows: libraries read it while they are imported."""
    lines = subprocess.check_output([RUNNER, "--program-environment"], text=True).splitlines()
    return dict(line.split("=", 1) for line in lines)


def start_environment(cpu: str, modules: str) -> dict[str, str]:
    """Beside the program's, as interpreter.cpp gives it, what makes a process that can be put elsewhere: everything bound at start,
    because binding later saves the registers of the CPU the process began on; and no restartable sequences, which the kernel would
    have to be told about again."""
    environment = {
        "PYTHONPATH": BOOTSTRAP,
        "ONESHOT_PRELOAD": modules,
        "ONESHOT_TAKE_SNAPSHOT": "1",
        "LD_BIND_NOW": "1",
        "GLIBC_TUNABLES": "glibc.pthread.rseq=0",
    }
    if cpu == "x86-64-v3":
        environment |= cpu_level.V3_ENVIRONMENT
        environment["GLIBC_TUNABLES"] += cpu_level.V3_TUNABLES
    return environment


def cpu_features(cpu: str) -> CpuFeatures:
    words = [int(line, 16) for line in subprocess.check_output([RESTORER, "--cpu"], text=True).split()]
    bits = [word & allowed for word, allowed in zip(words, cpu_level.V3_BITS, strict=False)] if cpu == "x86-64-v3" else words[:8]
    return CpuFeatures(bits=(ctypes.c_uint32 * 8)(*bits), vendor=(ctypes.c_uint32 * 3)(*words[8:]))


def vdso_functions() -> dict[int, str]:
    """Address and name, in this process."""
    (vdso,) = (mapping for mapping in mappings(os.getpid()) if mapping.path == "[vdso]")
    image = ctypes.string_at(vdso.start, vdso.end - vdso.start)
    segments_at, count = struct.unpack_from("<Q", image, 32)[0], struct.unpack_from("<H", image, 56)[0]
    segments = [struct.unpack_from("<IIQQQQQQ", image, segments_at + 56 * number) for number in range(count)]
    dynamic = next(offset for kind, _, offset, *_ in segments if kind == 2)
    tags = {}
    while (tag := struct.unpack_from("<QQ", image, dynamic))[0]:
        tags.setdefault(*tag)
        dynamic += 16
    names_at, symbols_at, hash_at = tags[5], tags[6], tags[4]
    found = {}
    for number in range(struct.unpack_from("<II", image, hash_at)[1]):
        name_at, _, _, _, value, _ = struct.unpack_from("<IBBHQQ", image, symbols_at + 24 * number)
        name = image[names_at + name_at : image.index(b"\0", names_at + name_at)].decode()
        if name.startswith("__vdso_"):
            found[vdso.start + value] = name
    return found


def vdso_pointers() -> Iterator[tuple[int, str]]:
    """Where the dynamic linker keeps what it found in the vDSO, counted from its first byte: looked up in this process, which has
    the same dynamic linker and was not kept from finding the vDSO. It has no names for the places."""
    functions = vdso_functions()
    linker = next(mapping for mapping in mappings(os.getpid()) if "/ld-linux" in mapping.path)
    for mapping in mappings(os.getpid()):
        if mapping.path == linker.path and mapping.protection == 1 and mapping.offset:
            words = memoryview(ctypes.string_at(mapping.start, mapping.end - mapping.start)).cast("Q")
            for number, word in enumerate(words):
                if word in functions:
                    yield mapping.start + 8 * number - linker.start, functions[word]


def break_offset() -> tuple[str, int]:
    """The C library, and where in it `__curbrk` lies."""
    libc = next(mapping for mapping in mappings(os.getpid()) if "/libc.so" in mapping.path)
    return libc.path, ctypes.addressof(ctypes.c_void_p.in_dll(ctypes.CDLL(None), "__curbrk")) - libc.start


def files_of(tracee: Tracee) -> list[str]:
    """All that is mapped, and the lists of what pip installed: a package that was updated has another one."""
    mapped = {mapping.path for mapping in mappings(tracee.pid) if mapping.is_file}
    records = {str(path) for folder in sys.path for path in pathlib.Path(folder).glob("*.dist-info/RECORD")}
    return sorted(mapped | records | {str(path) for path in pathlib.Path(BOOTSTRAP).glob("*.py")})


def take(path: pathlib.Path, cpu: str, modules: str) -> None:
    environment = program_environment()
    executable = shutil.which(PYTHON, path=environment["PATH"]) or PYTHON
    tracee = Tracee(executable, [PYTHON, f"{CODE}/main.py"], environment | start_environment(cpu, modules), CODE)
    try:
        tracee.hide_vdso()
        thread_id_address = tracee.run_until_call(SYS_SET_TID_ADDRESS)
        try:
            tracee.run_until_it_stops_itself()
        finally:
            sys.stderr.write(tracee.said())
        tracee.require_plain_state(thread_id_address)
        snapshot, regions = describe(cpu, tracee, thread_id_address)
    finally:
        tracee.kill()
    fixed_environment = {name: value for name, value in environment.items() if name != "TZ"}
    snapshot.write(path, fixed_environment)
    path.chmod(0o644)
    for address, size in written_ranges(regions, modules.split(","), RESTORER, path, CODE, environment):
        snapshot.add_written(address, size)
    snapshot.write(path, fixed_environment)
    tables = ", ".join(f"{len(entries)} {name}" for name, entries in snapshot.tables.items())
    print(f"{path}: {path.stat().st_size / 1e6:.1f} MB, header {snapshot.header.header_bytes} bytes, {tables}")


def describe(cpu: str, tracee: Tracee, thread_id_address: int) -> tuple[SnapshotFile, list[Region]]:
    snapshot = SnapshotFile()
    header = snapshot.header
    registers = tracee.registers()
    header.registers = Registers(*(registers[name] for name, _ in Registers._fields_))
    header.signal_mask = int(tracee.status()["SigBlk"], 16)
    header.thread_id_address = thread_id_address
    header.robust_list_address, header.robust_list_bytes = tracee.robust_list()
    libc, offset = break_offset()
    header.break_address = base_of(tracee.pid, libc) + offset
    header.thread_name = tracee.status()["Name"].encode()
    header.cpu = cpu_features(cpu)
    for action in tracee.signal_actions():
        snapshot.add_signal(*action)
    linker = next(mapping.path for mapping in mappings(tracee.pid) if "/ld-linux" in mapping.path)
    for place, name in vdso_pointers():
        snapshot.add_vdso_pointer(base_of(tracee.pid, linker) + place, name)
    regions = joined(regions_of(tracee))
    for region in regions:
        snapshot.add_region(region.address, region.bytes, region.protection, region.data)
    snapshot.add_files(files_of(tracee))
    return snapshot, regions


def main() -> int:
    parser = argparse.ArgumentParser(description="Takes a snapshot of the preloaded interpreter.")
    parser.add_argument("--cpu", choices=("x86-64-v3", "native"), default="x86-64-v3")
    parser.add_argument("--modules", default=",".join(MODULES), help="to import, with commas between")
    parser.add_argument("snapshot", type=pathlib.Path)
    options = parser.parse_args()
    signal.alarm(DEADLINE_SECONDS)
    try:
        take(options.snapshot, options.cpu, options.modules)
    except TakeError as error:
        sys.exit(f"take.py: {error}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
