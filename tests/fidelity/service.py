"""A program's outcome by the service, in a pod that waited (warm) or in one made for it (cold)."""

import os
import pathlib
import re
import sys
import threading
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

from client import Api, site_from_environment, wait_until  # noqa: E402

from cases import Case  # noqa: E402
from outcome import Outcome  # noqa: E402

METRICS = os.environ.get("ONESHOT_CONTROLLER_METRICS", "http://127.0.0.1:8082/metrics")
ENDED_BY_ITSELF = ("exited", "signaled")
WARM_AT_A_TIME = 2
ATTEMPTS = 5


class Pool:
    """The Jobs that wait, as the controller counts them. A run that finds none is a cold one, and this suite wants to know which."""

    def __init__(self):
        self.turns = threading.Semaphore(WARM_AT_A_TIME)
        self.is_on = self.gauge("target") > 0

    def gauge(self, name: str) -> float:
        try:
            with urllib.request.urlopen(METRICS, timeout=10) as answer:
                found = re.search(rf"^oneshot_pool_{name}(?:\{{.*\}})? (\S+)$", answer.read().decode(), re.MULTILINE)
        except OSError:
            return 0  # no controller to be reached from here: runs are taken as they come
        return float(found[1]) if found else 0

    def run(self, submit) -> dict:
        """The run that submit() makes in a Job that had waited, or, where none can wait, as it comes."""
        if not self.is_on:
            return submit()
        with self.turns:
            for _ in range(ATTEMPTS):  # somebody else's run may have taken the Job
                wait_until("Jobs wait for runs", lambda: self.gauge("ready") >= WARM_AT_A_TIME)
                run = submit()
                if run["job"]["name"].startswith("warm-"):
                    break
            return run


class Service:
    def __init__(self):
        self.api = Api(site_from_environment())
        self.environment = self.api.request("GET", "/api/v1/environment").json()
        self.pool = Pool()

    def can_be_warm(self, case: Case) -> bool:
        return self.pool.is_on and not case.scratch_mib  # a pod has its scratch space from the beginning

    def run(self, case: Case, way: str) -> tuple[Outcome, dict]:
        maxima = self.environment["limits"]["maxima"]  # a busy machine is no reason for another outcome
        limits = {name: maxima[name] for name in ("wall_seconds", "cpu_seconds")}
        if way == "cold":  # no pod waits with a memory limit that only this run asks for
            limits["memory_mib"] = self.environment["limits"]["defaults"]["memory_mib"] + 1

        def submit() -> dict:
            return self.api.run(case.source, stdin=case.stdin, args=list(case.args), scratch_mib=case.scratch_mib, limits=limits)

        run = self.pool.run(submit) if way == "warm" and self.can_be_warm(case) else submit()
        assert run["reason"] in ENDED_BY_ITSELF, run
        assert not run["truncated"], run["output"]
        output = (self.api.output(run["id"], "stdout"), self.api.output(run["id"], "stderr"))
        return Outcome(*output, run["exit_code"], run["signal"]), run
