"""What runs of the cluster, the database or the pod itself is killed under running programs: every run ends once, with all its output."""

import contextlib
import datetime
import http.client
import threading
import time

import pytest

from client import wait_until
from cluster import RUNS
from embedded import needs_embedded_cluster
from faults import (
    Hammer,
    Load,
    api_server_answers,
    is_ready,
    is_whole,
    kill,
    kill_cluster_program,
    postgresql_processes,
    postmaster,
    processes,
    start_what_died,
    stopped,
)
from pool import LARGE

pytestmark = [needs_embedded_cluster, pytest.mark.usefixtures("whole_again")]

START_SECONDS = 10  # promised: how long after the API server's return a run starts at the latest


def test_containerd_is_killed_under_load(api):
    load = Load(api, programs=40, seconds=2.5)
    for ended in range(3, 39, 6):
        load.wait_ended(at_least=ended)
        kill_cluster_program("containerd")
    load.assert_whole()


def test_kubelet_is_killed(api):
    # As many as one client may have active, and all of them begun: a start that is under way may be tried again, at no cost.
    load = Load(api, programs=4, seconds=10)
    load.wait_printing(at_least=4)
    kill_cluster_program("kubelet")
    load.assert_whole()


def test_api_server_is_killed(api):
    load = Load(api, programs=4, seconds=8)
    load.wait_printing(at_least=4)
    kill_cluster_program("kube-apiserver")
    load.assert_whole()


@pytest.mark.parametrize("kills", [1, 4])
def test_runs_submitted_without_an_api_server_start_when_it_is_back(api, kills):
    """After several deaths it was away for longer, and Kubernetes' programs would ask it more rarely than the promise allows."""
    for _ in range(kills):
        kill_cluster_program("kube-apiserver")
    warm, cold = api.submit("print('warm')"), api.submit("print('cold')", limits=LARGE)
    assert not api_server_answers(), "it came back too soon for this test"
    wait_until("the API server answers", api_server_answers)
    returned = time.time()
    for run in (api.wait_ended(warm["id"]), api.wait_ended(cold["id"])):
        assert (run["status"], run["attempt"], run["interruptions"]) == ("succeeded", 1, []), run
        waited = datetime.datetime.fromisoformat(run["started_at"]).timestamp() - returned
        print(f"{run['stdout'].strip()}: started {waited:.2f} s after the API server's return")
        assert waited < START_SECONDS, run


def test_postgresql_is_killed(api):
    load = Load(api, programs=4, seconds=6)
    load.wait_printing(at_least=4)
    kill([postmaster()])
    start_what_died()
    wait_until("the site is ready", lambda: is_ready(api))
    load.assert_whole()


def test_postgresql_is_paused(api):
    load = Load(api, programs=4, seconds=8)
    load.wait_printing(at_least=4)
    with stopped(postgresql_processes()):
        wait_until("the site says that it is not ready", lambda: not is_ready(api), deadline_seconds=30)
    wait_until("the site is ready", lambda: is_ready(api))
    load.assert_whole()


def assert_interrupted_once(api, kubectl, interrupt, reasons: set[str]) -> None:
    """What interrupt(pod) does to a program that has begun costs its run one attempt, and the run says so."""
    run_id = api.submit("import time\nprint('begun', flush=True)\ntime.sleep(3)\nprint('done', flush=True)")["id"]
    wait_until("it prints", lambda: api.output(run_id))
    pod = wait_until("its pod is told", lambda: kubectl.pod_of(run_id))
    interrupt(pod)
    run = api.wait_ended(run_id)
    assert (run["status"], run["stdout"], run["truncated"], run["attempt"]) == ("succeeded", "begun\ndone\n", False, 2), run
    (interruption,) = run["interruptions"]
    assert (interruption["attempt"], interruption["node"]) == (1, pod["spec"]["nodeName"]), run
    assert interruption["reason"] in reasons and interruption["at"] and "message" in interruption, run


def test_pod_is_deleted(api, kubectl):
    def delete(pod: dict) -> None:
        kubectl("-n", RUNS, "delete", "pod", pod["metadata"]["name"], "--wait=false")

    assert_interrupted_once(api, kubectl, delete, {"pod_disrupted", "pod_lost"})


def test_runner_is_killed(api, kubectl):
    def kill_runner(pod: dict) -> None:
        (runner,) = processes(b"/usr/local/bin/oneshot-runner\0", pod["metadata"]["uid"].encode())
        kill([runner])

    assert_interrupted_once(api, kubectl, kill_runner, {"killed"})


class Follower:
    """Follows a run's output and goes on after Last-Event-ID wherever the stream breaks."""

    def __init__(self, api, run_id: str):
        self.api = api
        self.run_id = run_id
        self.ids: list[str] = []
        self.text = ""
        self.breaks = 0
        self.thread = threading.Thread(target=self.follow)
        self.thread.start()

    def follow(self) -> None:
        end = None
        while end is None:
            with contextlib.suppress(OSError, http.client.HTTPException):
                for event, event_id, data in self.api.events(self.run_id, self.ids[-1] if self.ids else None):
                    if event == "stdout":
                        self.ids.append(event_id)
                        self.text += data["text"]
                    elif event == "end":
                        end = data
            self.breaks += end is None


@pytest.fixture
def follower(api):
    source = "import time\nfor n in range(4000):\n    print('line', n, flush=True)\n    time.sleep(0.01)"
    run_id = api.submit(source, limits={"wall_seconds": 60})["id"]
    follower = Follower(api, run_id)
    wait_until("the stream brings output", lambda: follower.text)
    yield follower
    api.cancel(run_id)
    follower.thread.join(timeout=60)
    lines = follower.text.split("\n")
    assert lines == [f"line {n}" for n in range(len(lines) - 1)] + [""]
    assert follower.text == api.output(run_id).decode()
    assert len(set(follower.ids)) == len(follower.ids)
    assert follower.breaks >= 1, "the test has broken no stream"


def streams(replica: int) -> float:
    with contextlib.suppress(OSError):
        connection = http.client.HTTPConnection(f"127.0.0.{replica}", 8081, timeout=5)
        connection.request("GET", "/metrics")
        for line in connection.getresponse().read().decode().splitlines():
            if line.startswith("oneshot_http_streams "):
                return float(line.split()[1])
    return 0


def test_api_is_killed(api, kubectl, follower):
    serving = wait_until("one api holds the stream", lambda: next((n for n in (1, 2) if streams(n)), None))
    with Hammer(api) as hammer:
        hammer.wait_answered(20)
        kill(processes(b"oneshot-api\0", f"ONESHOT_LISTEN=127.0.0.{serving}:8081\0".encode()))
        hammer.wait_answered(200)
        assert api.run("print('meanwhile')")["stdout"] == "meanwhile\n"
        wait_until("both are back", lambda: is_whole(kubectl))
    assert hammer.failures == []


def test_web_is_killed(api, kubectl, follower):
    def masters() -> list[int]:
        return processes(b"nginx: master process")

    assert len(both := masters()) == 2
    for master in both:
        with Hammer(api) as hammer:
            hammer.wait_answered(20)
            kill([master])
            gone = time.monotonic()
            hammer.wait_answered(200)
            assert api.run("print('meanwhile')")["stdout"] == "meanwhile\n"
            # The kubelet looks at its containers once a second: until then the pod of the dead one is said to be ready.
            wait_until("two nginx listen", lambda: len(masters()) == 2)
            wait_until("both are back", lambda: is_whole(kubectl))
        assert [failure for failure in hammer.failures if failure[0] > gone] == [], "a new connection found no nginx"
