"""Ways to harm the embedded cluster, and the programs that must not notice."""

import contextlib
import http.client
import os
import pathlib
import signal
import ssl
import subprocess
import threading
import time

from client import Api, wait_until
from cluster import ROOT, STATE, SYSTEM, Kubectl

CLUSTER = pathlib.Path("/run/oneshot/cluster")
POSTMASTER = pathlib.Path("/run/oneshot/postgres-15432")
LINE_PAUSE_SECONDS = 0.01


class Load:
    """Programs that print numbered lines for some seconds each; nothing of it may be lost or repeated."""

    def __init__(self, api: Api, programs: int, seconds: float):
        self.api = api
        self.lines = int(seconds / LINE_PAUSE_SECONDS)
        source = f"import time\nfor n in range({self.lines}):\n    print('line', n, flush=True)\n    time.sleep({LINE_PAUSE_SECONDS})"
        self.ids = [api.submit(source, limits={"wall_seconds": 60})["id"] for _ in range(programs)]
        self.under_way = set(self.ids)

    def wait_printing(self, at_least: int = 1) -> None:
        wait_until(f"{at_least} of them print", lambda: sum(bool(self.api.output(run_id)) for run_id in self.ids) >= at_least)

    def wait_ended(self, at_least: int) -> None:
        def ended() -> bool:
            self.under_way -= {run_id for run_id in self.under_way if self.api.get(run_id)["finished_at"]}
            return len(self.ids) - len(self.under_way) >= at_least

        wait_until(f"{at_least} of them have ended", ended, pause_seconds=0.2)

    def assert_whole(self) -> None:
        expected = "".join(f"line {n}\n" for n in range(self.lines)).encode()
        faults = []
        for run_id in self.ids:
            run = self.api.wait_ended(run_id, deadline_seconds=240)
            told = {key: run[key] for key in ("status", "attempt", "truncated", "interruptions")}
            if told != {"status": "succeeded", "attempt": 1, "truncated": False, "interruptions": []}:
                faults.append((run_id, told, run["reason"], run["message"]))
            elif (output := self.api.output(run_id)) != expected:
                faults.append((run_id, f"{len(output)} bytes of output instead of {len(expected)}"))
        assert not faults, f"{len(faults)} of {len(self.ids)} runs: {faults}"


class Hammer:
    """Asks for the list of runs again and again, each time over a new connection, and keeps what was not answered with 200."""

    def __init__(self, api: Api):
        self.api = api
        self.answered = 0
        self.failures: list[tuple[float, str]] = []  # when it was asked, and what came instead
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.ask)

    def ask(self) -> None:
        while not self.stop.is_set():
            asked = time.monotonic()
            try:
                status = self.api.request("GET", "/api/v1/runs?limit=1").status
                if status == 200:
                    self.answered += 1
                else:
                    self.failures.append((asked, f"status {status}"))
            except (OSError, http.client.HTTPException) as error:
                self.failures.append((asked, repr(error)))

    def wait_answered(self, more: int) -> None:
        target = self.answered + more
        wait_until(f"{more} more answers", lambda: self.answered >= target)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join()


def processes(beginning: bytes, mark: bytes = b"") -> list[int]:
    """The cluster's processes whose command line begins so, and whose environment or cgroup contains `mark`."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError):
            pid, cgroup = int(entry.name), (entry / "cgroup").read_bytes()
            if b"/oneshot/" in cgroup and (entry / "cmdline").read_bytes().startswith(beginning):
                if mark in cgroup or mark in (entry / "environ").read_bytes():
                    found.append(pid)
    return found


def controller_processes(pod: str) -> list[int]:
    return processes(b"oneshot-controller\0", f"ONESHOT_POD_NAME={pod}\0".encode())


def wait_gone(pids: list[int]) -> None:
    wait_until(f"{pids} are gone", lambda: not any(pathlib.Path(f"/proc/{pid}").exists() for pid in pids))


def kill(pids: list[int], how: int = signal.SIGKILL) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, how)
    if how == signal.SIGKILL:
        wait_gone(pids)


def cluster_program(name: str) -> int | None:
    """Its pid while it lives."""
    with contextlib.suppress(FileNotFoundError):
        pid = int((CLUSTER / "pids" / name).read_text().split()[0])
        return pid if pathlib.Path(f"/proc/{pid}").exists() else None
    return None


def kill_cluster_program(name: str) -> None:
    """Returns when the cluster has started it again."""
    kill([wait_until(f"{name} lives", lambda: cluster_program(name))])
    wait_until(f"{name} comes back", lambda: cluster_program(name))


def api_server_answers() -> bool:
    connection = http.client.HTTPSConnection("127.0.0.1", 6443, timeout=2, context=ssl._create_unverified_context())
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def kill_node(name: str) -> None:
    """Everything on a second node; what of it starts the rest again may not be the first to go."""
    wait_until(f"node {name} is dead", lambda: not (found := processes(b"", f"/oneshot/{name}/".encode())) or kill(found))


def run_script(*command: str) -> None:
    result = subprocess.run([ROOT / command[0], *command[1:]], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300)
    assert result.returncode == 0, result.stdout


def start_what_died() -> None:
    run_script("k8s/embedded/up")
    run_script("scripts/postgres", "up")


def postmaster() -> int:
    return int(POSTMASTER.read_text().split()[0])


def postgresql_processes() -> list[int]:
    """The postmaster first: what is stopped in this order begets no more."""
    server = postmaster()
    return [server, *map(int, pathlib.Path(f"/proc/{server}/task/{server}/children").read_text().split())]


@contextlib.contextmanager
def stopped(pids: list[int]):
    kill(pids, signal.SIGSTOP)
    try:
        yield
    finally:
        kill(pids, signal.SIGCONT)


@contextlib.contextmanager
def kept_dead(pod: str):
    """A controller that is killed as often as the kubelet starts it."""
    stop = threading.Event()

    def keep_killing() -> None:
        while not stop.wait(0.02):
            kill(controller_processes(pod))

    kill(controller_processes(pod))
    thread = threading.Thread(target=keep_killing)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def query(statement: str) -> list[str]:
    url = (STATE / "deploy" / "database-url").read_text()
    done = subprocess.run(["psql", "--no-psqlrc", "--tuples-only", "--no-align", url, "-c", statement], check=True, capture_output=True, text=True)
    return done.stdout.splitlines()


def epoch() -> int:
    return int(query("SELECT epoch FROM leadership")[0])


def leader(kubectl: Kubectl) -> str:
    return kubectl("-n", SYSTEM, "get", "lease", "oneshot-controller", "-o", "jsonpath={.spec.holderIdentity}")


def wait_other_leader(kubectl: Kubectl, before: str, deadline_seconds: float) -> str:
    return wait_until(f"another controller than {before} leads", lambda: (now := leader(kubectl)) not in ("", before) and now, deadline_seconds)


def is_whole(kubectl: Kubectl) -> bool:
    """Every replica is there and ready. A pod whose program crashed is replaced, because the kubelet would wait before it starts it again."""
    pods = kubectl.objects("pods", SYSTEM)
    for pod in pods:
        states = [status["state"] for status in pod["status"].get("containerStatuses", [])]
        if any(state.get("waiting", {}).get("reason") == "CrashLoopBackOff" for state in states):
            kubectl("-n", SYSTEM, "delete", "pod", pod["metadata"]["name"], "--wait=false", check=False)
    ready = [c for pod in pods for c in pod["status"].get("conditions", []) if c["type"] == "Ready" and c["status"] == "True"]
    wanted = sum(workload["spec"]["replicas"] for workload in kubectl.objects("statefulsets", SYSTEM))
    return len(pods) == len(ready) == wanted and not any("deletionTimestamp" in pod["metadata"] for pod in pods)


def is_ready(api: Api) -> bool:
    try:
        return api.request("GET", "/readyz").status == 200
    except OSError:
        return False
