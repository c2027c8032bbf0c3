"""Runs that are to find a Job that waits: the pool as the controller counts it, and submitting only when it has one."""

import contextlib
import os
import re
import threading
import urllib.request

from client import wait_until

METRICS = os.environ.get("ONESHOT_CONTROLLER_METRICS", "http://127.0.0.1:8082/metrics http://127.0.0.2:8082/metrics").split()
ATTEMPTS = 5
# Limits above those of every Job that waits, so that the run needs one of its own.
LARGE = {"memory_mib": 700}


def is_warm(run: dict) -> bool:
    return run["job"]["name"].startswith("warm-")


def metrics_of(address: str) -> str:
    """Empty where nothing answers."""
    with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=10) as answer:
        return answer.read().decode()
    return ""


def leaders_metrics() -> str:
    """Empty where no leader can be reached from here: runs are then taken as they come."""
    return next((text for text in map(metrics_of, METRICS) if "\noneshot_controller_leading 1\n" in text), "")


class Pool:
    def __init__(self):
        self.turn = threading.Lock()
        self.counting = threading.Lock()
        self.under_way = 0
        self.is_on = self.gauge("target") > 0

    def gauge(self, name: str) -> float:
        found = re.search(rf"^oneshot_pool_{name}(?:\{{.*\}})? (\S+)$", leaders_metrics(), re.MULTILINE)
        return float(found[1]) if found else 0

    def count(self, change: int) -> None:
        with self.counting:
            self.under_way += change

    def run(self, submit) -> dict:
        """The run that submit() makes in a Job that had waited, or, where the pool is off, as it comes."""
        if not self.is_on:
            return submit()
        for _ in range(ATTEMPTS):  # somebody else's run may have taken the Job
            with self.turn:
                # What is under way may not have taken its Job yet.
                wait_until("a Job waits for a run", lambda: self.gauge("ready") > self.under_way)
                self.count(1)
            try:
                run = submit()
            finally:
                self.count(-1)
            if is_warm(run):
                break
        return run
