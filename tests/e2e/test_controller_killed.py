"""The controller is killed (SIGKILL, no goodbye) at the moments that matter; each run still has one result, whole and once."""

import contextlib
import hashlib
import os
import pathlib
import shutil
import signal
import subprocess

import pytest

from client import wait_until
from cluster import STATE, SYSTEM
from pool import Pool

COLD_MEMORY_MIB = 300  # above the pool's class: a Job of its own


def controller_pids() -> list[int]:
    pids = []
    for entry in pathlib.Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError):
            if (entry / "cmdline").read_bytes().startswith(b"oneshot-controller\0"):
                pids.append(int(entry.name))
    return pids


@pytest.fixture(scope="module")
def kill_controller(kubectl):
    """Kills every controller process, and its pods, so that the kubelet's pause for crashed containers does not count."""

    def kill() -> None:
        pids = controller_pids()
        if pids:
            for pid in pids:
                os.kill(pid, signal.SIGKILL)
        else:  # a kind cluster: its processes are in the node's container
            assert shutil.which("docker"), "no controller process found"
            subprocess.run(["docker", "exec", "oneshot-control-plane", "pkill", "-KILL", "-f", "^oneshot-controller"], check=True)
        kubectl("-n", SYSTEM, "delete", "pods", "-l", "app.kubernetes.io/component=controller", "--force", "--grace-period=0")

    yield kill
    kubectl.wait_rolled_out("controller")


def psql(statement: str) -> subprocess.Popen:
    """A session of its own with the database of the embedded overlay, that ends when its standard input does."""
    url = (STATE / "deploy" / "database-url").read_text()
    session = subprocess.Popen(["psql", "--no-psqlrc", "--quiet", "--tuples-only", url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    session.stdin.write(statement + "\n\\echo done\n")
    session.stdin.flush()
    while "done" not in session.stdout.readline():
        assert session.poll() is None, "psql ended"
    return session


def query(statement: str) -> str:
    url = (STATE / "deploy" / "database-url").read_text()
    return subprocess.check_output(["psql", "--no-psqlrc", "--tuples-only", "--no-align", url, "-c", statement], text=True).strip()


SLEEPS_SECONDS = 25  # silent, and still there when a new controller leads: a Lease is taken over within 5 s, and a new pod needs some more
LINES = 250


@contextlib.contextmanager
def end_held_back(api):
    """A run whose end the controller is trying to store, in vain until this is left; None where there is no psql."""
    if not shutil.which("psql"):
        yield None
        return
    run_id = api.submit("import time\nprint('last words', flush=True)\ntime.sleep(3)")["id"]
    wait_until("the output is stored", lambda: api.get(run_id)["stdout"])
    lock = psql(f"BEGIN; SELECT 1 FROM runs WHERE id = '{run_id}' FOR UPDATE;")
    blocked = "SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%held%';"
    try:
        wait_until("the controller tries to store the end", lambda: query(blocked) == "t")
        yield run_id
    finally:
        lock.stdin.close()
        lock.wait(timeout=10)


@pytest.fixture(scope="module")
def aftermath(api, kubectl, kill_controller):
    """What became of runs in every state before the end, and of the pool, when one controller was killed."""
    sleeping = f"import time\ntime.sleep({SLEEPS_SECONDS})\nprint('awake')"
    printing = f"import sys, time\nfor i in range({LINES}):\n    print(i, file=sys.stderr if i % 7 == 0 else sys.stdout)\n    time.sleep(0.1)"
    limits = {"pool": {"wall_seconds": 60}, "own-job": {"wall_seconds": 60, "memory_mib": COLD_MEMORY_MIB}}
    ids = {way: api.submit(sleeping, limits=limits[way])["id"] for way in limits}
    ids["mid-output"] = api.submit(printing, limits=limits["pool"])["id"]
    for way in limits:
        api.wait_status(ids[way], "running")
    wait_until("some output is stored", lambda: api.get(ids["mid-output"])["stdout"].count("\n") > 3)
    # One for the next run, and one for the time after the kill: meanwhile no node takes a new pod. The controller's own count,
    # because a pod is ready before its Python has imported what it waits with.
    pool = Pool()
    wait_until("two Jobs wait", lambda: (pool.gauge("ready") if pool.is_on else len(waiting_jobs(kubectl))) >= 2)
    with kubectl.cordoned(), end_held_back(api) as ids["before-the-end"]:
        ids["claimed"] = api.submit("print('once')", limits={"memory_mib": COLD_MEMORY_MIB})["id"]
        api.wait_status(ids["claimed"], "starting")
        waiting = wait_until("a Job waits", lambda: waiting_jobs(kubectl))
        kill_controller()
    runs = {way: api.wait_ended(run_id) for way, run_id in ids.items() if run_id}
    return runs, waiting


def waiting_jobs(kubectl) -> set[str]:
    jobs = kubectl.objects("jobs", selector="oneshot.dev/state=waiting")
    return {job["metadata"]["name"] for job in jobs if job.get("status", {}).get("ready")}


def test_after_the_claim(aftermath):
    run = aftermath[0]["claimed"]
    assert (run["status"], run["stdout"], run["attempt"]) == ("succeeded", "once\n", 1), run


@pytest.mark.parametrize("way", ["pool", "own-job"])
def test_after_delivery(aftermath, kubectl, way):
    run = aftermath[0][way]
    assert (run["status"], run["stdout"], run["attempt"]) == ("succeeded", "awake\n", 1), run
    pods = kubectl.objects("pods", selector=f"batch.kubernetes.io/job-name={run['job']['name']}")
    assert [pod["metadata"]["name"] for pod in pods] == [run["job"]["pod"]]


def test_mid_output(aftermath):
    run = aftermath[0]["mid-output"]
    assert (run["status"], run["attempt"], run["truncated"]) == ("succeeded", 1, False), run
    assert run["stdout"] == "".join(f"{i}\n" for i in range(LINES) if i % 7)
    assert run["stderr"] == "".join(f"{i}\n" for i in range(LINES) if i % 7 == 0)


@pytest.mark.skipif(not shutil.which("psql"), reason="needs psql beside the database")
def test_before_the_end_is_stored(aftermath):
    run = aftermath[0]["before-the-end"]
    assert (run["status"], run["stdout"], run["attempt"]) == ("succeeded", "last words\n", 1), run


def test_the_pool_is_taken_over(aftermath, api):
    # What comes first may get a Job of its own: a new leader has to hear of a waiting Job's readiness before it gives it away.
    wait_until("a run gets a Job that waited before", lambda: api.run("print(6)")["job"]["name"] in aftermath[1])


def test_input_arrives_once_across_controllers(api, kill_controller):
    run_id = api.submit(
        "import sys\nfor line in sys.stdin:\n    print('>', line, end='', flush=True)", stdin_open=True, limits={"wall_seconds": 60}
    )["id"]

    def send(line: str, seq: int) -> int:
        path = f"/api/v1/runs/{run_id}/stdin?seq={seq}"
        return api.request("POST", path, line.encode(), {"content-type": "application/octet-stream"}).status

    for round_number in range(3):
        before, after = 2 * round_number, 2 * round_number + 1
        assert send(f"before {round_number}\n", before) == 202
        kill_controller()
        assert send(f"after {round_number}\n", after) == 202
        wait_until("the input has arrived", lambda wanted=f"> after {round_number}\n": wanted.encode() in api.output(run_id))
        assert send(f"after {round_number}\n", after) == 202  # a client that did not get the answer
    assert api.request("POST", f"/api/v1/runs/{run_id}/stdin?end=true").status == 202
    run = api.wait_ended(run_id)
    expected = "".join(f"> {word} {number}\n" for number in range(3) for word in ("before", "after"))
    assert (run["status"], run["stdout"], run["attempt"]) == ("succeeded", expected, 1)


def test_a_file_comes_back_whole_across_controllers(api, kill_controller):
    """The controller is killed while the file is on its way."""
    run_id = api.submit(
        "import hashlib, os, time\ncontent = os.urandom(8 * 2 ** 20)\nopen('large', 'wb').write(content)\n"
        "print(hashlib.sha256(content).hexdigest(), flush=True)",
        outputs=["large"],
        limits={"scratch_mib": 32},
    )["id"]
    if shutil.which("psql"):
        stored = f"SELECT count(*) > 3 FROM output_chunks WHERE run_id = '{run_id}';"
        wait_until("a part of the file is stored", lambda: query(stored) == "t", pause_seconds=0.005)
        assert api.get(run_id)["status"] == "running", "it has come back before its controller could be killed"
    else:
        wait_until("the program ends", lambda: api.output(run_id))
    kill_controller()
    run = api.wait_ended(run_id)
    assert (run["status"], run["attempt"], run["interruptions"]) == ("succeeded", 1, [])
    content = api.request("GET", run["output_files"][0]["url"]).body
    assert hashlib.sha256(content).hexdigest() == run["stdout"].strip()
