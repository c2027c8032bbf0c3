"""Starts again what nothing else starts: PostgreSQL, and the cluster's programs where the cluster does not do it itself."""

import contextlib
import subprocess
import threading
from collections.abc import Callable

import disks
from cluster import Kubectl
from faults import is_whole
from victims import dead_parts

PAUSE_SECONDS = 0.5
PATIENCE = 2  # looks, so that a cluster that starts its own programs again is not disturbed
LOOK_AT_PODS = 10  # every so many looks: each costs two calls of kubectl


class Keeper:
    """One thread for each, because a start waits for what another fault may hold."""

    def __init__(self, kubectl: Kubectl, up: tuple[str, ...]):
        self.kubectl = kubectl
        self.up = up  # the command that starts what is dead of the cluster
        self.stop = threading.Event()
        works = (self.keep_database, self.keep_cluster, self.keep_pods)
        self.threads = [threading.Thread(target=work, name=work.__name__) for work in works]

    def keep(self, is_dead: Callable[[], bool], *command: str) -> None:
        patience = PATIENCE
        while not self.stop.wait(PAUSE_SECONDS):
            patience = patience - 1 if is_dead() else PATIENCE
            if patience <= 0:
                with contextlib.suppress(OSError, subprocess.TimeoutExpired):  # then it is tried again
                    disks.run(*command)

    def keep_database(self) -> None:
        self.keep(lambda: "postgresql" in dead_parts(), "scripts/postgres", "up")

    def keep_cluster(self) -> None:
        self.keep(lambda: bool(set(dead_parts()) - {"postgresql"}), *self.up)

    def keep_pods(self) -> None:
        """The kubelet waits ever longer before it starts a program again that was killed often; such a pod is replaced."""
        while not self.stop.wait(PAUSE_SECONDS * LOOK_AT_PODS):
            with contextlib.suppress(Exception):  # the API server may be away
                is_whole(self.kubectl)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for thread in self.threads:
            thread.join()
