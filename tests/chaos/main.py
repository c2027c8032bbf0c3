"""`make chaos`: breaks every part of the running system on a seeded schedule while programs run, and checks what was promised of them.

Usage: main.py [--minutes N] [--seed N] [--only KIND,...] [--undo] [--schedule]
"""

import argparse
import contextlib
import datetime
import os
import pathlib
import signal
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

import calm
import clocks
import cuts
import disks
import report
from checker import check
from client import Api, site_from_environment, wait_until
from cluster import STATE, Kubectl
from faults import CLUSTER, is_ready, is_whole, start_what_died
from keeper import Keeper
from load import Load
from probes import Prober
from record import Record
from schedule import SORTS, Strike, plan
from strikes import Hurried, Striker, undo_everything
from victims import Victims
from watcher import Watcher

RESULTS = STATE / "chaos.json"
OUTPUTS = STATE / "chaos"
WHOLE_SECONDS = 180
IDLE_SECONDS = 300
INTERRUPTIONS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Clock:
    """Seconds since the beginning; nothing sets it."""

    def __init__(self):
        self.began = time.time()
        self.zero = time.monotonic()

    def __call__(self) -> float:
        return time.monotonic() - self.zero


def main() -> int:
    parser = argparse.ArgumentParser(description="Breaks the running system on a seeded schedule, and checks what it promised.")
    parser.add_argument("--minutes", type=float, default=float(os.environ.get("CHAOS_MINUTES") or 5))
    parser.add_argument("--seed", type=int, default=int(os.environ.get("CHAOS_SEED") or report.seed_of_now(str(datetime.datetime.now()))))
    parser.add_argument("--only", default=",".join(SORTS), help=f"any of {','.join(SORTS)}")
    parser.add_argument("--undo", action="store_true", help="only removes what an earlier chaos left")
    parser.add_argument("--schedule", action="store_true", help="only prints the schedule")
    options = parser.parse_args()
    if unknown := set(options.only.split(",")) - set(SORTS):
        parser.error(f"no fault is called {', '.join(sorted(unknown))}")
    for number in INTERRUPTIONS:
        signal.signal(number, signal.default_int_handler)
    if options.schedule:
        print_schedule(plan(options.seed, options.minutes * 60, kinds_of(options.only)))
        return 0
    if not CLUSTER.exists():
        sys.exit("chaos: kills processes of the embedded cluster, and none runs here")
    undo_everything(Kubectl(), start_what_died)
    return 0 if options.undo else Chaos(options.seed, options.minutes, kinds_of(options.only)).run()


def kinds_of(only: str) -> tuple[str, ...]:
    return tuple(kind for kind in SORTS if kind in only.split(","))


def print_schedule(strikes: list[Strike]) -> None:
    for strike in strikes:
        print(strike, flush=True)


class Chaos:
    def __init__(self, seed: int, minutes: float, kinds: tuple[str, ...]):
        self.left_out: dict[str, str] = {}
        # What cannot be dealt is left out of the schedule, which is otherwise the same on every machine.
        dealt = {kind for kind in kinds if self.can_deal(kind)}
        self.strikes = [strike for strike in plan(seed, minutes * 60, kinds) if strike.kind in dealt]
        self.kubectl = Hurried()
        self.site = site_from_environment()
        self.clock = Clock()
        self.record = Record(seed, minutes, began=self.clock.began)
        self.finished = threading.Event()  # the schedule's time is over
        nodes = 2 if any(strike.kind == "node" for strike in self.strikes) else 1
        self.up = ("k8s/embedded/up", f"--nodes={nodes}")

    def can_deal(self, kind: str) -> bool:
        try:
            if kind == "cut":
                cuts.require()
        except (cuts.CannotCut, OSError) as why:
            self.left_out[kind] = str(why)
            return False
        return True

    def run(self) -> int:
        print(f"seed {self.record.seed}, {self.record.minutes:g} minutes; the same again: CHAOS_SEED={self.record.seed} "
              f"CHAOS_MINUTES={self.record.minutes:g} make chaos")  # fmt: skip
        for kind, why in self.left_out.items():
            print(f"left out: {kind}: {why}")
        print_schedule(self.strikes)
        try:
            self.wait_whole()
            self.wait_idle()
            self.prepare()
            self.work()
        finally:
            for number in INTERRUPTIONS:  # half of it undone would be worse than late
                signal.signal(number, signal.SIG_IGN)
            print("==> undoing what was done", flush=True)
            undo_everything(Kubectl(), start_what_died)
            self.wait_whole()
        return self.judge()

    def wait_whole(self) -> None:
        def whole() -> bool:
            with contextlib.suppress(AssertionError):
                return is_ready(Api(self.site)) and is_whole(self.kubectl)
            return False

        wait_until("the site is ready and every replica is there", whole, WHOLE_SECONDS, pause_seconds=0.5)

    def wait_idle(self) -> None:
        """What others have submitted would come before what chaos submits."""
        reader = calm.Reader(self.site)
        wait_until("no run is left from before", lambda: not any(map(reader.has_runs, ("queued", "starting", "running"))), IDLE_SECONDS, pause_seconds=1)

    def prepare(self) -> None:
        """What a fault needs before it can strike; seeds without that fault go without."""
        kinds = {(strike.kind, strike.target) for strike in self.strikes}
        if ("fill", "postgresql") in kinds:
            print("==> moving PostgreSQL's files to a small file system", flush=True)
            disks.database_disk().make()
        if ("node", "second") in kinds:
            print("==> adding a second node", flush=True)
            disks.run(*self.up)
        if any(kind == "skew" for kind, _ in kinds):
            print("==> giving the controllers a clock that can be set", flush=True)
            clocks.make(Kubectl())
        self.wait_whole()

    def work(self) -> None:
        self.clock.__init__()
        self.record.began = self.clock.began
        with Watcher(self.clock) as watcher, Keeper(self.kubectl, self.up):
            self.load = Load(self.record, self.site, self.clock, watcher.ended.add, self.keys_work())
            with self.load, Prober(self.load) as self.prober:
                self.strike_all(Striker(Victims(watcher), self.kubectl, self.starts_cluster, self.record.seed, self.clock, self.finished))
                print("==> calm: waiting for what is under way", flush=True)
                self.load.stop.set()
                calm.wait_calm(calm.Reader(self.site), self.record, lambda: self.load.is_over() and self.prober.is_over())
            self.record.starts = watcher.starts
            calm.read_endings(calm.Reader(self.site), self.record)
            calm.read_left_behind(self.kubectl, self.record)

    def starts_cluster(self) -> bool:
        """Starts what is dead of it, and says whether everything lives now."""
        try:
            disks.run(*self.up)
        except (OSError, subprocess.TimeoutExpired) as fault:
            print(f"    {self.clock():6.1f} s       the cluster does not start: {str(fault).splitlines()[-1]}", flush=True)
            return False
        return True

    def keys_work(self) -> bool:
        """Whether a submission that is sent twice with one Idempotency-Key is one run."""
        api, body = Api(self.site), b'{"source": "print(1)"}'
        headers = {"content-type": "application/json", "idempotency-key": f"chaos-{self.clock.began}"}
        return len({api.request("POST", "/api/v1/runs", body, headers).json()["id"] for _ in range(2)}) == 1

    def strike_all(self, striker: Striker) -> None:
        threads = [threading.Thread(target=self.strike, args=(striker, strike), name=f"strike-{strike.number}") for strike in self.strikes]
        for thread in threads:
            thread.start()
        try:
            end = self.record.minutes * 60
            while (left := end - self.clock()) > 0:
                self.finished.wait(min(left, 1))
        finally:
            self.finished.set()
            for thread in threads:
                thread.join()

    def strike(self, striker: Striker, strike: Strike) -> None:
        if self.finished.wait(max(0.0, strike.at - self.clock())):
            return
        print(f"    {self.clock():6.1f} s  {strike}", flush=True)
        blow = striker.deal(strike)
        self.record.blows.append(blow)
        if "nothing" not in blow.evidence and not blow.fault:
            self.prober.watch(blow)
        outcome = f"failed: {blow.fault}" if blow.fault else f"found nothing: {blow.evidence['nothing']}" if "nothing" in blow.evidence else "is over"
        print(f"    {self.clock():6.1f} s       {blow} {outcome}", flush=True)

    def judge(self) -> int:
        self.record.blows.sort(key=lambda blow: blow.number)
        violations = check(self.record)
        found = report.results(self.record, violations, self.left_out, self.clock())
        report.keep_outputs(self.record, violations, OUTPUTS / str(self.record.seed))
        report.write(RESULTS, found)
        report.show(found)
        return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())
