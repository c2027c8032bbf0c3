"""The leading controller is killed, stopped, paused or replaced: the other one leads soon, and no run notices."""

import json
import threading
import time

import pytest

from client import wait_until
from cluster import SYSTEM
from embedded import needs_embedded_cluster
from faults import Load, controller_processes, epoch, kept_dead, leader, query, stopped, wait_other_leader
from pool import METRICS, metrics_of

pytestmark = [needs_embedded_cluster, pytest.mark.usefixtures("whole_again")]

# A killed leader is to be replaced within 5 s, a stopped one within 1 s; the rest is what two cores under load may add.
KILLED_DEADLINE_SECONDS = 8
STOPPED_DEADLINE_SECONDS = 3
PAUSE_SECONDS = 60
KEPT_JOBS = 50  # of the runs that ended last: `max_finished_jobs` (100 in k8s/base) and `job_ttl` take those of the older ones away


def measure_takeover(kubectl, what: str, before: str, begun: float, deadline_seconds: float) -> None:
    wait_other_leader(kubectl, before, deadline_seconds)
    print(f"a leader that was {what} was replaced after {time.monotonic() - begun:.2f} s")


def test_leading_controller_is_killed(api, kubectl):
    before = leader(kubectl)
    load = Load(api, programs=4, seconds=9)
    load.wait_printing(at_least=4)
    begun = time.monotonic()
    with kept_dead(before):
        measure_takeover(kubectl, "killed", before, begun, KILLED_DEADLINE_SECONDS)
        load.assert_whole()


def test_leading_controller_is_stopped(api, kubectl):
    before = leader(kubectl)
    load = Load(api, programs=4, seconds=5)
    load.wait_printing(at_least=4)
    begun = time.monotonic()
    kubectl("-n", SYSTEM, "delete", "pod", before, "--wait=false")
    measure_takeover(kubectl, "stopped", before, begun, STOPPED_DEADLINE_SECONDS)
    load.assert_whole()


def jobs_that_must_stay(kubectl, load: Load) -> set[str]:
    """Those of the load and those that wait; the Job TTL may take others at any time."""
    jobs = [job["metadata"] for job in kubectl.objects("jobs")]
    return {job["uid"] for job in jobs if job["labels"].get("oneshot.dev/run-id") in load.ids or job["labels"]["oneshot.dev/state"] == "waiting"}


def rows_of(load: Load) -> list[str]:
    ids = ", ".join(f"'{run_id}'" for run_id in load.ids)
    return query(f"SELECT r.*, a.* FROM runs r JOIN attempts a ON a.run_id = r.id WHERE r.id IN ({ids}) ORDER BY r.id, a.attempt")


def test_leading_controller_is_paused(api, kubectl):
    before, epoch_before = leader(kubectl), epoch()
    load = Load(api, programs=4, seconds=9)
    load.wait_printing(at_least=4)
    wakes_at = time.monotonic() + PAUSE_SECONDS
    (paused,) = controller_processes(before)
    with stopped([paused]):
        after = wait_other_leader(kubectl, before, deadline_seconds=30)
        load.assert_whole()
        wait_until("a pause of a minute is over", lambda: time.monotonic() > wakes_at, deadline_seconds=PAUSE_SECONDS)
        assert controller_processes(before) == [paused], "it was killed before it could wake"
        epoch_asleep, jobs, rows = epoch(), jobs_that_must_stay(kubectl, load), rows_of(load)
    assert epoch_asleep > epoch_before
    own_metrics = METRICS[int(before.rpartition("-")[2]) - 1]
    wait_until("the one that woke stands by", lambda: "\noneshot_controller_leading 0\n" in metrics_of(own_metrics))
    # It has been able to write for a while when another run has ended under the other one.
    assert api.run("print('meanwhile')", limits={"memory_mib": 300})["stdout"] == "meanwhile\n"
    assert controller_processes(before) == [paused]
    assert (leader(kubectl), epoch(), rows_of(load)) == (after, epoch_asleep, rows)
    assert jobs - jobs_that_must_stay(kubectl, load) == set()


class Trickle:
    """Run after run on two threads, as long as it is open."""

    def __init__(self, api):
        self.api = api
        self.runs: list[dict] = []
        self.stop = threading.Event()
        self.threads = [threading.Thread(target=self.run_on) for _ in range(2)]

    def run_on(self) -> None:
        while not self.stop.is_set():
            self.runs.append(self.api.run("import time\nprint('begun', flush=True)\ntime.sleep(0.5)\nprint('done')"))

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for thread in self.threads:
            thread.join()


def waiting_templates(kubectl) -> set[str]:
    return {job["metadata"]["labels"]["oneshot.dev/template"] for job in kubectl.objects("jobs", selector="oneshot.dev/state=waiting")}


def replace_job_template(kubectl, template: str) -> None:
    patch = json.dumps({"data": {"job.yaml": template}})
    kubectl("-n", SYSTEM, "patch", "configmap", "run-job-template", "--type=merge", "-p", patch)
    kubectl("-n", SYSTEM, "rollout", "restart", kubectl.workload("controller"))
    kubectl.wait_rolled_out("controller")


def test_upgrade_drains_waiting_jobs(api, kubectl):
    template = json.loads(kubectl("-n", SYSTEM, "get", "configmap", "run-job-template", "-o", "json"))["data"]["job.yaml"]
    another = template.replace("      annotations:\n", "      annotations:\n        example.com/upgraded: \"yes\"\n")
    assert another != template
    old = wait_until("Jobs wait", lambda: waiting_templates(kubectl))
    with Trickle(api) as trickle:
        try:
            replace_job_template(kubectl, another)
            wait_until("Jobs of the new template wait, and none of the old one", lambda: (now := waiting_templates(kubectl)) and not now & old)
        finally:
            replace_job_template(kubectl, template)
    for run in trickle.runs:
        assert (run["status"], run["stdout"], run["attempt"], run["interruptions"]) == ("succeeded", "begun\ndone\n", 1, []), run
    for newer, run in enumerate(reversed(trickle.runs)):
        job = kubectl.job_of(run["id"])
        assert job["metadata"]["name"] == run["job"]["name"] if job else newer >= KEPT_JOBS, run
    wait_until("only Jobs of the first template wait", lambda: waiting_templates(kubectl) == old)
