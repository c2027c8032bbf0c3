"""Starts again what nothing else starts: PostgreSQL, and the cluster's programs where the cluster does not do it itself."""

import contextlib
import threading

from cluster import Kubectl
from faults import is_whole, start_what_died
from victims import dead_parts

PAUSE_SECONDS = 0.5
PATIENCE = 2  # looks, so that a cluster that starts its own programs again is not disturbed
LOOK_AT_PODS = 10  # every so many looks: each costs two calls of kubectl


class Keeper:
    def __init__(self, kubectl: Kubectl):
        self.kubectl = kubectl
        self.stop = threading.Event()
        self.restarted: list[str] = []
        self.threads = [threading.Thread(target=self.keep_parts, name="keeper"), threading.Thread(target=self.keep_pods, name="pods")]

    def keep_parts(self) -> None:
        patience = PATIENCE
        while not self.stop.wait(PAUSE_SECONDS):
            dead = dead_parts()
            patience = patience - 1 if dead else PATIENCE
            if dead and patience <= 0:
                self.restarted += dead
                # It waits for a node that another fault may hold; then it is tried again.
                with contextlib.suppress(AssertionError, OSError, TimeoutError, ValueError):
                    start_what_died()

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
