"""A program's outcome by the service, in a pod that waited (warm) or in one made for it (cold)."""

import os

from client import Api, site_from_environment
from pool import Pool

from cases import Case
from outcome import Outcome

# Whether the programs may show figures and tables; none does.
MAY_SHOW = bool(os.environ.get("ONESHOT_FIDELITY_DISPLAY"))
ENDED_BY_ITSELF = ("exited", "signaled")


class Service:
    def __init__(self):
        self.api = Api(site_from_environment())
        self.environment = self.api.request("GET", "/api/v1/environment").json()
        self.pool = Pool()
        # All runs of a session start in the same way.
        self.snapshot = self.api.run("")["job"]["snapshot"]

    def can_be_warm(self, case: Case) -> bool:
        return self.pool.is_on and not case.scratch_mib  # a pod has its scratch space from the beginning

    def run(self, case: Case, way: str) -> tuple[Outcome, dict]:
        maxima = self.environment["limits"]["maxima"]  # a busy machine is no reason for another outcome
        limits = {name: maxima[name] for name in ("wall_seconds", "cpu_seconds")}
        limits["scratch_mib"] = case.scratch_mib
        if way == "cold":  # no pod waits with a memory limit that only this run asks for
            limits["memory_mib"] = self.environment["limits"]["defaults"]["memory_mib"] + 1

        def submit() -> dict:
            return self.api.run(case.source, stdin=case.stdin, args=list(case.args), limits=limits, display=MAY_SHOW and not case.shows_nothing)

        run = self.pool.run(submit) if way == "warm" and self.can_be_warm(case) else submit()
        assert run["reason"] in ENDED_BY_ITSELF, run
        assert not run["truncated"], run["output"]
        assert run["job"]["snapshot"] == self.snapshot, run["job"]
        output = (self.api.output(run["id"], "stdout"), self.api.output(run["id"], "stderr"))
        return Outcome(*output, run["exit_code"], run["signal"]), run
