"""A full disk: PostgreSQL's files lie on a small file system in memory while chaos runs, and to fill it is to shrink it.

Nothing is ever written to fill the machine's own disk. The files are copied there and back while PostgreSQL is down; what was there before is
replaced only by a whole copy, so that a program that is killed leaves either of them, and `undo` brings the later one back.
"""

import pathlib
import shutil
import subprocess

from cluster import ROOT
from faults import POSTMASTER

DATABASE_MIB = 1536  # files, the write-ahead log at its largest (1 GB), and room for the runs of an hour
LEFT_KIB = 128  # so little that neither a table nor the log grows for long
MARK = "oneshot-chaos"  # what the file system is called in /proc/mounts
NOTE = pathlib.Path("/run/oneshot/chaos/database")  # the data folder that was moved


def run(*command: str | pathlib.Path) -> None:
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=180)
    if done.returncode != 0:
        raise OSError(f"{' '.join(map(str, command))}: {done.stdout.strip()}")


def is_mounted(place: pathlib.Path) -> bool:
    mounts = pathlib.Path("/proc/self/mounts").read_text().splitlines()
    return any(line.split()[:2] == [MARK, str(place)] for line in mounts)


class DatabaseDisk:
    """PostgreSQL's data folder."""

    def __init__(self, data: pathlib.Path):
        self.data = data
        self.copy, self.whole = data.with_name("data.chaos"), data.with_name("data.whole")

    def make(self) -> None:
        NOTE.parent.mkdir(parents=True, exist_ok=True)
        NOTE.write_text(str(self.data))
        run("scripts/postgres", "down")
        self.copy.mkdir()
        run("mount", "-t", "tmpfs", "-o", f"size={DATABASE_MIB}M,mode=0700", MARK, self.copy)
        run("cp", "-a", f"{self.data}/.", self.copy)
        run("mount", "--move", self.copy, self.data)
        self.copy.rmdir()
        run("scripts/postgres", "up")

    def fill(self) -> None:
        used = shutil.disk_usage(self.data).used // 1024
        run("mount", "-o", f"remount,size={used + LEFT_KIB}k", self.data)

    def free(self) -> None:
        run("mount", "-o", f"remount,size={DATABASE_MIB}M", self.data)

    def undo(self) -> None:
        """Brings the files back to the disk."""
        run("scripts/postgres", "down")
        if is_mounted(self.copy):  # killed while it was made
            run("umount", self.copy)
        shutil.rmtree(self.copy, ignore_errors=True)
        if is_mounted(self.data):
            self.free()
            shutil.rmtree(self.whole, ignore_errors=True)
            run("cp", "-a", self.data, self.copy)
            self.copy.rename(self.whole)
            run("umount", self.data)
        if self.whole.exists():
            shutil.rmtree(self.data)
            self.whole.rename(self.data)
        NOTE.unlink()
        run("scripts/postgres", "up")


def database_disk() -> DatabaseDisk:
    """That of the PostgreSQL that runs."""
    return DatabaseDisk(pathlib.Path(POSTMASTER.read_text().splitlines()[1]))


def undo() -> None:
    if NOTE.exists():
        DatabaseDisk(pathlib.Path(NOTE.read_text())).undo()
