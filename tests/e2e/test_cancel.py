"""Cancel works in every state, is confirmed when the pod is gone, and means nothing to a run that has ended."""

import pytest

from client import wait_until

pytestmark = pytest.mark.usefixtures("still_works")

SLEEPER = "import time\nprint('begun', flush=True)\ntime.sleep(50)\nprint('never')"


def cancelled(api, run_id: str) -> dict:
    answer = api.cancel(run_id)
    assert answer.status == 202, answer
    run = api.wait_ended(run_id)
    assert (run["status"], run["reason"], run["exit_code"]) == ("cancelled", "cancelled", None), run
    return run


def pod_is_gone_or_ended(kubectl, run_id: str) -> bool:
    pod = kubectl.pod_of(run_id)
    return pod is None or pod["status"]["phase"] in ("Succeeded", "Failed")


def test_running(api, kubectl):
    run_id = api.submit(SLEEPER, limits={"wall_seconds": 60})["id"]
    wait_until("it has begun", lambda: api.output(run_id) == b"begun\n")
    run = cancelled(api, run_id)
    assert run["stdout"] == "begun\n"
    wait_until("its pod is gone", lambda: pod_is_gone_or_ended(kubectl, run_id))


def test_starting(api, kubectl):
    with kubectl.cordoned():
        run_id = api.submit(SLEEPER, limits={"wall_seconds": 60})["id"]
        api.wait_status(run_id, {"starting", "running"})  # running only where a Job waited for it
        cancelled(api, run_id)
    wait_until("its pod is gone", lambda: pod_is_gone_or_ended(kubectl, run_id))


def test_queued(api, kubectl):
    crowd = [api.submit(SLEEPER, limits={"wall_seconds": 60})["id"] for _ in range(150)]
    try:
        last = api.get(crowd[-1])
        assert last["status"] == "queued" and last["queue_position"] >= 1, last
        run = cancelled(api, crowd[-1])
        assert run["job"] is None or run["job"]["name"] is None
        assert run["started_at"] is None
        assert kubectl.job_of(crowd[-1]) is None
    finally:
        for run_id in crowd:
            api.cancel(run_id)
    for run_id in crowd:
        assert api.wait_ended(run_id)["status"] == "cancelled"


def test_twice_and_after_the_end(api):
    run_id = api.submit(SLEEPER)["id"]
    assert api.cancel(run_id).status == 202
    assert api.cancel(run_id).status in (200, 202)
    assert api.wait_ended(run_id)["status"] == "cancelled"

    done = api.run("print('done')")
    assert api.cancel(done["id"]).status in (200, 202, 409)
    assert api.get(done["id"])["status"] == "succeeded"


def test_delete(api):
    done = api.run("print('done')")
    assert api.request("DELETE", f"/api/v1/runs/{done['id']}").status == 204
    assert api.request("GET", f"/api/v1/runs/{done['id']}").status == 404
    assert api.request("DELETE", f"/api/v1/runs/{done['id']}").status == 404
