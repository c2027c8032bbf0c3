"""Memory of processes, as the kernel tells it."""

import contextlib
import pathlib

KIB = 1024
MIB = 1024 * KIB


def memory_bytes(pid: int, field: str) -> int:
    """VmRSS: resident now. VmHWM: the most since the process began, or since forget_peak."""
    [line] = [line for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith(f"{field}:")]
    return int(line.split()[1]) * KIB


def forget_peak(pid: int) -> None:
    with contextlib.suppress(PermissionError):  # then the peak is one of the whole life, which is no less
        pathlib.Path(f"/proc/{pid}/clear_refs").write_text("5")
