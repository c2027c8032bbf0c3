"""Deals the faults of a schedule and undoes them; and whatever was dealt, `undo_everything` leaves nothing of it."""

import contextlib
import os
import random
import signal
import threading
from collections.abc import Callable, Iterator

import clocks
import cuts
import disks
from client import wait_until
from cluster import RUNS, Kubectl
from faults import kill, kill_node, postgresql_processes
from record import Blow
from schedule import Strike
from victims import SECOND_NODE, NothingToHit, Victims, cluster_processes, dead_parts, is_alive, is_stopped

GOODBYE_SECONDS = 20  # for a process that was asked to end; then it is killed
PATIENCE_SECONDS = 20  # of a call to the API server, which may be down
RETURN_SECONDS = 180  # of a node, which waits for an API server that may be down, too


class Hurried(Kubectl):
    """kubectl that waits for no API server that is down."""

    def __call__(self, *arguments: str, **rest) -> str:
        return super().__call__(f"--request-timeout={PATIENCE_SECONDS}s", *arguments, **rest)


class Striker:
    def __init__(
        self,
        victims: Victims,
        kubectl: Kubectl,
        start_cluster: Callable[[], bool],
        seed: int,
        clock: Callable[[], float],
        finished: threading.Event,
    ):
        self.victims = victims
        self.kubectl = kubectl
        self.start_cluster = start_cluster  # starts what is dead of it; whether everything lives now
        self.seed = seed
        self.clock = clock
        self.finished = finished  # ends every fault at once

    def deal(self, strike: Strike) -> Blow:
        """Deals a fault, waits, and undoes it."""
        blow = Blow(strike.number, strike.kind, strike.target, self.clock(), evidence={"detail": strike.detail} if strike.detail else {})
        try:
            with getattr(self, strike.kind)(strike, blow):
                blow.begun = self.clock()
                if strike.seconds:
                    self.finished.wait(strike.seconds)
        except NothingToHit as why:
            blow.evidence["nothing"] = str(why)
        except Exception as fault:
            blow.fault = repr(fault)
        blow.ended = self.clock()
        return blow

    def find(self, strike: Strike, blow: Blow) -> list[int]:
        """The processes of the target; what is no run's may just be starting."""
        if strike.target in ("runner", "shim"):
            pod = self.victims.working_pod(random.Random(f"{self.seed}/{strike.number}"))
            blow.evidence |= {"pod": pod.name, "markers": sorted(self.victims.watcher.markers[pod])}
            pids = (self.victims.runner if strike.target == "runner" else self.victims.shim)(pod)
        else:
            pids = self.victims.pids(strike.target)
        if not pids:
            raise NothingToHit(f"{strike.target} does not run")
        blow.evidence["pids"] = pids
        return pids

    @contextlib.contextmanager
    def kill(self, strike: Strike, blow: Blow) -> Iterator[None]:
        pids = self.find(strike, blow)
        # Parents clean up after their children: nginx's master and the postmaster are the ones to lose.
        kill(pids[:1] if strike.target in ("postgresql", "nginx-1", "nginx-2") else pids)
        yield

    @contextlib.contextmanager
    def pause(self, strike: Strike, blow: Blow) -> Iterator[None]:
        pids = self.find(strike, blow)
        try:
            kill(pids, signal.SIGSTOP)
            if strike.target == "postgresql":  # what was born meanwhile
                blow.evidence["pids"] = pids = sorted({*pids, *postgresql_processes()})
                kill(pids, signal.SIGSTOP)
            yield
        finally:
            kill([pid for pid in pids if is_stopped(pid)], signal.SIGCONT)

    @contextlib.contextmanager
    def restart(self, strike: Strike, blow: Blow) -> Iterator[None]:
        pids = self.find(strike, blow)[:1]
        if strike.target == "postgresql":
            disks.run("scripts/postgres", "down")
            disks.run("scripts/postgres", "up")
        else:
            kill(pids, signal.SIGTERM)
            with contextlib.suppress(AssertionError):
                wait_until("it has ended", lambda: not any(map(is_alive, pids)), GOODBYE_SECONDS)
            kill(pids)
        yield

    @contextlib.contextmanager
    def cut(self, strike: Strike, blow: Blow) -> Iterator[None]:
        client, _, server = strike.target.partition("|")
        pids = self.victims.pids(client)
        if not pids:
            raise NothingToHit(f"{client} does not run")
        blow.evidence["pids"] = pids
        try:
            cuts.cut(strike.number, pids, server, strike.detail)
            yield
        finally:
            cuts.mend(strike.number)

    @contextlib.contextmanager
    def delete(self, strike: Strike, blow: Blow) -> Iterator[None]:
        pod = self.victims.working_pod(random.Random(f"{self.seed}/{strike.number}"))
        blow.evidence |= {"pod": pod.name, "markers": sorted(self.victims.watcher.markers[pod])}
        try:
            self.kubectl("-n", RUNS, "delete", "pod", pod.name, "--wait=false")
        except AssertionError as fault:
            # It may have been deleted all the same.
            blow.evidence["answer"] = str(fault)
        yield

    @contextlib.contextmanager
    def fill(self, strike: Strike, blow: Blow) -> Iterator[None]:
        disk = disks.database_disk() if "postgresql" not in dead_parts() else None
        if disk is None:
            raise NothingToHit("PostgreSQL does not run")
        try:
            disk.fill()
            yield
        finally:
            disk.free()

    @contextlib.contextmanager
    def node(self, strike: Strike, blow: Blow) -> Iterator[None]:
        if not (SECOND_NODE / "pids/kubelet").exists():
            raise NothingToHit("there is no second node")
        try:
            kill_node(SECOND_NODE.name)
            yield
        finally:
            wait_until("the second node is back", self.start_cluster, RETURN_SECONDS, pause_seconds=1)

    @contextlib.contextmanager
    def skew(self, strike: Strike, blow: Blow) -> Iterator[None]:
        controller = f"controller-{self.victims.controller(strike.target)}"
        blow.evidence["controller"] = controller
        try:
            clocks.set_skew(controller, float(strike.detail))
            yield
        finally:
            clocks.set_skew(controller, 0)


def wake_everybody() -> None:
    """Nobody but chaos stops processes of the system."""
    pids = cluster_processes()
    with contextlib.suppress(OSError, ValueError):
        pids += postgresql_processes()
    for pid in filter(is_stopped, pids):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)


def undo_everything(kubectl: Kubectl, start_what_died: Callable[[], None]) -> None:
    """Works whatever an earlier chaos left, and changes nothing if it left nothing."""
    cuts.undo()
    wake_everybody()
    disks.undo()
    start_what_died()
    clocks.undo(kubectl)
