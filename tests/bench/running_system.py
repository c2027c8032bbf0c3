"""The running system as the benchmark meets it: the site over one kept connection, the controller's metrics, its processes."""

import contextlib
import http.client
import json
import os
import pathlib
import subprocess
import sys
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
STATE = ROOT / ".oneshot"
sys.path.insert(0, str(ROOT / "tests" / "e2e"))

from client import ENDED, Api, site_from_environment, wait_until  # noqa: E402  (the end-to-end tests' own way in)
from cluster import SYSTEM, Kubectl  # noqa: E402

PROGRAMS = pathlib.Path(__file__).parent / "programs"
CONTROLLER_METRICS = ("127.0.0.1:8082", "127.0.0.2:8082")
FORWARDED_METRICS = "127.0.0.1:18082"
# The controller sets its gauges every tenth of a second: what stands in two looks this far apart is no leftover.
TWO_LOOKS_SECONDS = 0.15


class LeftOut(Exception):
    """This cannot be measured here; the text says why."""


def program(name: str) -> str:
    return (PROGRAMS / f"{name}.py").read_text(encoding="utf-8")


class Site:
    """One connection, kept alive, one call after the other, as a client that runs and looks and runs again."""

    def __init__(self):
        self.api = Api(site_from_environment())  # for what is not measured
        self.address = f"{self.api.host}:{self.api.port}"
        self.connection = http.client.HTTPConnection(self.api.host, self.api.port, timeout=90)

    def call(self, method: str, path: str, body: dict | None = None) -> tuple[int, dict]:
        data = None if body is None else json.dumps(body).encode()
        self.connection.request(method, path, data, {"content-type": "application/json"} if data else {})
        answer = self.connection.getresponse()
        body = answer.read()
        return answer.status, json.loads(body) if "json" in answer.getheader("content-type", "") else {}

    def environment(self) -> dict:
        return self.api.request("GET", "/api/v1/environment").json()

    def ensure_open(self) -> None:
        """nginx closes a connection that was idle for a minute; opening it again is not what is measured."""
        try:
            self.call("GET", "/readyz")
        except (http.client.HTTPException, OSError):
            self.connection.close()
            self.call("GET", "/readyz")

    def timed_run(self, source: str, **rest) -> tuple[float, dict]:
        """Seconds from the request's first byte to the answer's last, and the finished run."""
        self.ensure_open()
        begun = time.perf_counter()
        status, run = self.call("POST", "/api/v1/runs?wait=60", {"source": source, **rest})
        seconds = time.perf_counter() - begun
        assert status == 201 and run["status"] == "succeeded", (status, run)
        return seconds, run


class Controller:
    """The leading controller's /metrics; where its port is not on this machine's loopback, through kubectl."""

    def __init__(self, kubectl: Kubectl, address: str):
        self.kubectl = kubectl
        self.address = address

    @classmethod
    @contextlib.contextmanager
    def reached(cls, kubectl: Kubectl):
        for address in filter(answers, CONTROLLER_METRICS):
            if (controller := cls(kubectl, address)).metrics()["oneshot_controller_leading"] == 1:
                yield controller
                return
        leader = kubectl("-n", SYSTEM, "get", "lease", "oneshot-controller", "-o", "jsonpath={.spec.holderIdentity}")
        port = FORWARDED_METRICS.rpartition(":")[2]
        forward = subprocess.Popen(
            [kubectl.program, "-n", SYSTEM, "port-forward", f"pod/{leader}", f"{port}:8082"],
            env=kubectl.environment,
            stdout=subprocess.DEVNULL,
        )
        try:
            wait_until("kubectl forwards the controller's metrics", lambda: answers(FORWARDED_METRICS), 20)
            yield cls(kubectl, FORWARDED_METRICS)
        finally:
            forward.terminate()
            forward.wait()

    def metrics(self) -> dict[str, float]:
        with urllib.request.urlopen(f"http://{self.address}/metrics", timeout=10) as answer:
            lines = [line for line in answer.read().decode().splitlines() if line and not line.startswith("#")]
        return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}

    def has_pool(self) -> bool:
        return self.metrics()["oneshot_pool_target"] > 0

    def wait_idle(self) -> None:
        """Nothing runs or starts, and a Job waits where there is a pool: the state in which a person's next call finds it."""

        def idle_now() -> bool:
            metrics = self.metrics()
            pool_is_still = metrics["oneshot_pool_starting"] == 0 and metrics["oneshot_pool_ready"] >= min(1, metrics["oneshot_pool_target"])
            return pool_is_still and metrics["oneshot_runs_active"] == 0

        def idle_twice() -> bool:
            if not idle_now():
                return False
            time.sleep(TWO_LOOKS_SECONDS)
            return idle_now()

        wait_until("nothing runs or starts", idle_twice, deadline_seconds=300)


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://{address}/healthz", timeout=5):
            return True
    except OSError:
        return False


class Processes:
    """Every process of one program on this machine, from /proc."""

    TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")

    def __init__(self, name: str):
        self.name = name
        self.pids = []
        for folder in pathlib.Path("/proc").iterdir():
            if not folder.name.isdigit():
                continue
            with contextlib.suppress(OSError):  # it ended while we looked
                if (folder / "cmdline").read_bytes().split(b"\0")[0].rpartition(b"/")[2] == name.encode():
                    self.pids.append(int(folder.name))
        if not self.pids:
            raise LeftOut(f"no process {name} is visible from this machine")

    def cpu_seconds(self) -> float:
        """User and system time of all threads, all processes together."""
        total = 0
        for pid in self.pids:
            fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12])
        return total / self.TICKS_PER_SECOND

    def memory_mib(self) -> dict[str, float]:
        """Resident now, and the most since the process began; of the largest process where there are several."""
        largest = {"resident_mib": 0.0, "peak_mib": 0.0}
        for pid in self.pids:
            for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
                key = {"VmRSS:": "resident_mib", "VmHWM:": "peak_mib"}.get(line.split("\t")[0])
                if key:
                    largest[key] = max(largest[key], round(int(line.split()[1]) / 1024, 1))
        return largest


class System:
    """What every measure needs, and what the run leaves out."""

    def __init__(self, site: Site, kubectl: Kubectl, controller: Controller, quick: bool):
        self.site = site
        self.kubectl = kubectl
        self.controller = controller
        self.quick = quick
        self.left_out: list[str] = []

    def count(self, full: int, quick: int) -> int:
        return quick if self.quick else full

    @staticmethod
    def is_warm(run: dict) -> bool:
        return run["job"]["name"].startswith("warm-")
