"""Which processes a target of the schedule is, at this moment. Asks no part of the system that may be down."""

import contextlib
import http.client
import pathlib
import random
import re
import time

from faults import CLUSTER, POSTMASTER, controller_processes, postgresql_processes, postmaster, processes
from pool import METRICS, metrics_of
from watcher import Pod, Watcher

CLUSTER_PROGRAMS = ("kube-apiserver", "etcd", "kube-controller-manager", "kube-scheduler", "kubelet", "containerd")
SECOND_NODE = CLUSTER / "node-2"


class NothingToHit(Exception):
    """The target is not there, because of an earlier fault or because nothing works at the moment."""


def stat_of(pid: int) -> list[str]:
    """What stands behind the name in /proc/PID/stat: state, parent …; nothing if there is no such process."""
    with contextlib.suppress(OSError):
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return []


def is_alive(pid: int) -> bool:
    return stat_of(pid)[:1] not in ([], ["Z"], ["X"])


def is_stopped(pid: int) -> bool:
    return stat_of(pid)[:1] == ["T"]


def children(pid: int) -> list[int]:
    with contextlib.suppress(OSError):
        return [int(child) for child in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def pod_uid(pid: int) -> str:
    found = re.search(rb"pod([0-9a-f]{8}[-_0-9a-f]{28})", pathlib.Path(f"/proc/{pid}/cgroup").read_bytes())
    return found[1].decode().replace("_", "-") if found else ""


def cluster_program(name: str) -> list[int]:
    with contextlib.suppress(OSError, ValueError, IndexError):
        pid = int((CLUSTER / "pids" / name).read_text().split()[0])
        return [pid] if is_alive(pid) else []
    return []


def dead_parts() -> list[str]:
    """What has to be started again from outside: the cluster's programs and PostgreSQL. Pods are the kubelet's affair."""
    dead = [name for name in CLUSTER_PROGRAMS if not cluster_program(name)]
    if not POSTMASTER.exists() or not is_alive(postmaster()):
        dead.append("postgresql")
    return dead


def cluster_processes() -> list[int]:
    """Everything in the cluster's cgroup, pods included."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError):
            if b"/oneshot/" in (entry / "cgroup").read_bytes():
                found.append(int(entry.name))
    return found


class Victims:
    def __init__(self, watcher: Watcher):
        self.watcher = watcher
        self.last_leader = 1

    def leader(self) -> int:
        """The number of the leading controller, or of the one that led last."""
        for number, address in enumerate(METRICS, 1):
            with contextlib.suppress(http.client.HTTPException):  # it may die while it answers
                if "\noneshot_controller_leading 1\n" in metrics_of(address):
                    self.last_leader = number
        return self.last_leader

    def controller(self, target: str) -> int:
        leader = self.leader()
        return leader if target == "controller-leader" else 3 - leader

    def pids(self, target: str) -> list[int]:
        """Of a process that is named by the schedule and is no run's; a parent comes before its children."""
        name, _, number = target.rpartition("-")
        if target in CLUSTER_PROGRAMS:
            found = cluster_program(target)
        elif target == "postgresql":
            found = postgresql_processes() if "postgresql" not in dead_parts() else []
        elif name == "controller":
            found = controller_processes(f"controller-{self.controller(target)}")
        elif name == "api":
            found = processes(b"oneshot-api\0", f"ONESHOT_LISTEN=127.0.0.{number}:8081\0".encode())
        elif target == "nginx":
            found = self.nginx(1) + self.nginx(2)
        else:
            found = self.nginx(int(number))
        return found

    def nginx(self, number: int) -> list[int]:
        """Master and workers of the nginx in the pod of this api, or, while that has none, of either."""
        masters = processes(b"nginx: master process")
        neighbours = {pod_uid(pid) for pid in self.pids(f"api-{number}")}
        chosen = [pid for pid in masters if pod_uid(pid) in neighbours] or sorted(masters)[number - 1 : number]
        return [each for pid in chosen for each in (pid, *children(pid))]

    def working_pod(self, chance: random.Random, patience_seconds: float = 10) -> Pod:
        """A pod in which a program works. Waits for one if there is none."""
        deadline = time.monotonic() + patience_seconds
        while not (pods := [pod for pod in self.watcher.working() if self.runner(pod)]):
            if time.monotonic() > deadline:
                raise NothingToHit("no program works")
            time.sleep(0.1)
        return chance.choice(sorted(pods, key=lambda pod: pod.name))

    @staticmethod
    def runner(pod: Pod) -> list[int]:
        return processes(b"/usr/local/bin/oneshot-runner\0", pod.uid.encode())

    def shim(self, pod: Pod) -> list[int]:
        """The shim is the parent of what runs in the pod."""
        return list({int(stat[1]) for pid in self.runner(pod) if (stat := stat_of(pid))})
