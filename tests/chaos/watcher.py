"""Counts program starts in the log of every pod of a run, also of pods that are deleted a moment later.

It reads the log files where the kubelet keeps them, and keeps them open: the API server and the kubelet, which would be asked for logs
otherwise, are among the victims.
"""

import contextlib
import dataclasses
import os
import pathlib
import re
import threading
import time
from collections.abc import Callable

from cluster import RUNS, STATE
from faults import CLUSTER
from programs import START
from record import Start

# As it stands in a record of the runner's: between quotation marks of JSON, without anything to escape.
START_LINE = re.compile(START.encode() + rb" ([a-z0-9-]+) ([0-9a-f]{16})\\n")
LONGEST_START_BYTES = 200
PAUSE_SECONDS = 0.1  # shorter than any pod lives
DELETED_SECONDS = 5  # how long what writes to a deleted file may go on


@dataclasses.dataclass(frozen=True)
class Pod:
    name: str
    uid: str


class Log:
    """One file of a pod's log, from its beginning, even after it was deleted."""

    def __init__(self, path: pathlib.Path, pod: Pod):
        self.file = open(path, "rb", buffering=0)
        self.pod = pod
        self.carried = b""  # a start may lie across two reads
        self.deleted_at = 0.0

    def starts(self) -> set[tuple[str, str]]:
        """Markers and nonces in what was written since the last call; some may come again."""
        found = set()
        while chunk := self.file.read(1 << 20):
            text = self.carried + chunk
            found |= {(marker.decode(), nonce.decode()) for marker, nonce in START_LINE.findall(text)}
            self.carried = text[-LONGEST_START_BYTES:]
        return found

    def is_over(self) -> bool:
        if os.fstat(self.file.fileno()).st_nlink:
            return False
        self.deleted_at = self.deleted_at or time.monotonic()
        return time.monotonic() - self.deleted_at > DELETED_SECONDS


def log_folders() -> list[pathlib.Path]:
    """/var/log/pods of each node, as its own programs see it and as it lies in the checkout: chaos may have mounted another over it."""
    folders = [STATE / "cluster/places/var/log/pods", STATE / "cluster/node-2/places/var/log/pods"]
    for pids in (CLUSTER / "pids", CLUSTER / "node-2/pids"):
        for name in ("containerd", "kubelet"):
            with contextlib.suppress(OSError, IndexError):
                folders.append(pathlib.Path("/proc") / (pids / name).read_text().split()[0] / "root/var/log/pods")
    return folders


class Watcher:
    def __init__(self, clock: Callable[[], float], folders: Callable[[], list[pathlib.Path]] = log_folders):
        self.clock = clock
        self.folders = folders
        self.starts: list[Start] = []
        self.markers: dict[Pod, set[str]] = {}  # what began in a pod; one, if nothing is wrong
        self.ended: set[str] = set()  # markers of runs that are known to have ended
        self.logs: dict[tuple[int, int], Log] = {}
        self.known: set[tuple[str, str]] = set()
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.watch, name="watcher")

    def watch(self) -> None:
        while not self.stop.wait(PAUSE_SECONDS):
            self.look()
        self.look()

    def look(self) -> None:
        for folder in self.folders():
            with contextlib.suppress(OSError):
                for entry in os.scandir(folder):
                    self.open_new(entry)
        for place, log in list(self.logs.items()):
            for marker, nonce in log.starts() - self.known:
                self.known.add((marker, nonce))
                self.starts.append(Start(marker, nonce, log.pod.name, self.clock()))
                self.markers.setdefault(log.pod, set()).add(marker)
            if log.is_over():
                log.file.close()
                del self.logs[place]

    def open_new(self, entry: os.DirEntry) -> None:
        namespace, _, rest = entry.name.partition("_")
        if namespace != RUNS:
            return
        pod = Pod(*rest.split("_"))
        for path in pathlib.Path(entry.path).glob("*/*.log"):
            with contextlib.suppress(OSError):
                stat = path.stat()
                place = (stat.st_dev, stat.st_ino)
                if place not in self.logs:
                    self.logs[place] = Log(path, pod)

    def working(self) -> list[Pod]:
        """Pods whose program began and is not known to have ended."""
        return [pod for pod, markers in list(self.markers.items()) if markers - self.ended]

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join()
