"""What an operator sees of a run with kubectl: its Job, labels, log and Events; and how the pod is locked up."""

import json

import pytest

from client import wait_until
from cluster import RUNS
from pool import LARGE, Pool, is_warm


@pytest.fixture(scope="module")
def run(api):
    return api.run("import sys\nprint('for the log')\nprint('and this', file=sys.stderr)\nsys.exit(4)")


@pytest.fixture(scope="module")
def job(kubectl, run):
    return wait_until("its Job carries the run's end", lambda: job_with_state(kubectl, run["id"], "failed"))


def job_with_state(kubectl, run_id: str, state: str) -> dict | None:
    job = kubectl.job_of(run_id)
    return job if job and job["metadata"]["labels"].get("oneshot.dev/state") == state else None


def test_labels(kubectl, run, job):
    labels = job["metadata"]["labels"]
    assert labels["oneshot.dev/run-id"] == run["id"]
    assert labels["oneshot.dev/attempt"] == "1"
    for thing in (job, kubectl.pod_of(run["id"])):
        labels = thing["metadata"]["labels"]
        assert labels["oneshot.dev/instance"]
        assert {"name", "instance", "component", "managed-by"} <= {
            name.removeprefix("app.kubernetes.io/") for name in labels if name.startswith("app.kubernetes.io/")
        }


@pytest.mark.parametrize("kind", ["warm", "cold"])
def test_the_pod_of_a_run_is_found_by_its_id(api, kubectl, kind):
    """kubectl -n oneshot-runs get pods -l oneshot.dev/run-id=ID, while the run lives and when it has ended."""
    pool = Pool()
    if kind == "warm" and not pool.is_on:
        pytest.skip("no Jobs wait in this installation")

    def start() -> dict:
        limits = {} if kind == "warm" else {"limits": LARGE}
        return api.wait_status(api.submit("import time\ntime.sleep(5)", **limits)["id"], "running")

    run = pool.run(start) if kind == "warm" else start()
    assert is_warm(run) == (kind == "warm"), run["job"]

    def pod_with_state(state: str) -> dict | None:
        pods = kubectl.objects("pods", selector=f"oneshot.dev/run-id={run['id']},oneshot.dev/state={state}")
        return pods[0] if len(pods) == 1 else None

    pod = wait_until("its pod carries its id and state", lambda: pod_with_state("running"))
    assert pod["metadata"]["name"] == run["job"]["pod"]
    assert pod["metadata"]["labels"]["oneshot.dev/attempt"] == "1"
    wait_until("the pod carries the run's end", lambda: pod_with_state("succeeded"))


def test_the_run_names_its_job(api, run, job, kubectl):
    assert run["job"]["namespace"] == RUNS
    assert run["job"]["name"] == job["metadata"]["name"]
    assert run["job"]["pod"] == kubectl.pod_of(run["id"])["metadata"]["name"]
    assert run["job"]["node"]
    told = api.request("GET", "/api/v1/environment").json()
    assert run["job"]["image"] in (told["image"], told["image_id"])


def test_the_log_holds_what_was_printed(kubectl, job):
    log = kubectl("-n", RUNS, "logs", f"job/{job['metadata']['name']}")
    records = [json.loads(line) for line in log.splitlines()]
    numbered = [record for record in records if record["type"] in ("output", "finished")]
    assert [record["seq"] for record in numbered] == list(range(len(numbered)))
    pieces = [piece for record in numbered[:-1] for piece in record["pieces"]]
    assert "".join(text for stream, text in pieces if stream == "o") == "for the log\n"
    assert "".join(text for stream, text in pieces if stream == "e") == "and this\n"
    assert numbered[-1]["type"] == "finished" and numbered[-1]["exit_code"] == 4


def test_one_event_per_state_change(kubectl, job):
    def own_events():
        events = kubectl.objects("events")
        return [
            event for event in events
            if event["involvedObject"].get("name") == job["metadata"]["name"] and event["involvedObject"]["kind"] == "Job"
            and "oneshot" in (event.get("reportingComponent") or event.get("source", {}).get("component") or "")
        ]  # fmt: skip

    events = wait_until("Events for start and end", lambda: found if len(found := own_events()) >= 2 else None)
    reasons = [event["reason"] for event in events]
    assert len(reasons) == len(set(reasons)), reasons
    assert any("failed" in event["message"] for event in events), events


def test_the_pod_is_locked_up(kubectl, run):
    spec = kubectl.pod_of(run["id"])["spec"]
    assert spec["automountServiceAccountToken"] is False
    assert not spec.get("volumes")
    assert spec["enableServiceLinks"] is False
    assert not any(spec.get(door) for door in ("hostNetwork", "hostPID", "hostIPC", "initContainers"))
    assert spec["restartPolicy"] == "Never"
    (container,) = spec["containers"]
    security = {**spec["securityContext"], **container["securityContext"]}
    assert security["readOnlyRootFilesystem"] is True
    assert security["runAsNonRoot"] is True
    assert security["allowPrivilegeEscalation"] is False
    assert security["capabilities"] == {"drop": ["ALL"]}
    assert security["seccompProfile"] == {"type": "RuntimeDefault"}
    assert {"cpu", "memory"} <= set(container["resources"]["limits"])


def test_the_job_starts_its_pod_once(job):
    assert job["spec"]["backoffLimit"] == 0
    assert job["spec"]["activeDeadlineSeconds"] > 0
    assert job["spec"]["ttlSecondsAfterFinished"] > 0
    assert job["status"].get("succeeded", 0) + job["status"].get("failed", 0) <= 1
