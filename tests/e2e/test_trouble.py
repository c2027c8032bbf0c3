"""A cluster that cannot run anything for a while, and a controller that is killed: no accepted run is lost or repeated."""

import json

import pytest

from client import wait_until
from cluster import SYSTEM
from pool import LARGE

NOT_THERE = "oneshot.local/python:not-there"


def tried_again_and_never_began(run) -> bool:
    return run["attempt"] > 1 and run["interruptions"] == [] and run["started_at"] is None


class TestStartsThatNeverSucceed:
    @pytest.fixture(scope="class", autouse=True)
    def impatient(self, api, kubectl):
        with kubectl.impatient_controller(ONESHOT_RUN_IMAGE=NOT_THERE):
            yield
        run = api.run("print('still here')", limits=LARGE)
        assert (run["status"], run["stdout"]) == ("succeeded", "still here\n"), run

    def test_image_missing(self, api):
        run = api.wait_ended(api.submit("print('never')", limits=LARGE)["id"], deadline_seconds=240)
        assert (run["status"], run["exit_code"]) == ("error", None), run
        assert run["reason"] == "image_unavailable"
        assert NOT_THERE in run["message"]
        assert tried_again_and_never_began(run), run
        assert (run["stdout"], run["stderr"]) == ("", "")

    def test_unschedulable_for_good(self, api, kubectl):
        with kubectl.cordoned():
            run = api.wait_ended(api.submit("print('never')", limits=LARGE)["id"], deadline_seconds=240)
        assert (run["status"], run["reason"], run["exit_code"]) == ("error", "unschedulable", None), run
        assert run["message"]
        assert tried_again_and_never_began(run), run


@pytest.mark.usefixtures("still_works")
def test_unschedulable_for_a_while(api, kubectl):
    with kubectl.cordoned():
        run_id = api.submit("print('at last')", limits=LARGE)["id"]

        def unschedulable():
            pod = kubectl.pod_of(run_id)
            conditions = pod["status"].get("conditions", []) if pod else []
            return any(c["type"] == "PodScheduled" and c.get("reason") == "Unschedulable" for c in conditions)

        wait_until("its pod finds no node", unschedulable)
        told = wait_until("the run says why it waits", lambda: (now := api.get(run_id))["message"] and now)
        assert told["status"] in ("queued", "starting") and "unschedulable" in told["message"], told
    run = api.wait_ended(run_id)
    assert (run["status"], run["stdout"]) == ("succeeded", "at last\n")
    assert (run["attempt"], run["interruptions"], run["message"]) == (1, [], None), run


@pytest.mark.usefixtures("still_works")
def test_a_killed_controller_loses_and_repeats_nothing(api, kubectl):
    source = "import time\nfor n in range(40):\n    print(n, flush=True)\n    time.sleep(0.1)"
    ids = [api.submit(source)["id"] for _ in range(6)]
    wait_until("one of them prints", lambda: any(api.output(run_id) for run_id in ids))
    kubectl("-n", SYSTEM, "delete", "pod", "-l", "app.kubernetes.io/component=controller", "--grace-period=0", "--force", "--wait=false")
    for run_id in ids:
        run = api.wait_ended(run_id, deadline_seconds=240)
        assert (run["status"], run["stdout"]) == ("succeeded", "".join(f"{n}\n" for n in range(40))), run
        assert (run["attempt"], run["interruptions"], run["truncated"]) == (1, [], False), run
    kubectl.wait_rolled_out("controller")


@pytest.mark.usefixtures("still_works")
def test_a_killed_api_comes_back_and_knows_every_run(api, kubectl):
    run = api.run("print('kept')")
    kubectl("-n", SYSTEM, "delete", "pod", "-l", "app.kubernetes.io/component=api", "--wait=true")
    kubectl.wait_rolled_out("api")

    def again():
        try:
            answer = api.request("GET", f"/api/v1/runs/{run['id']}")
        except OSError:
            return None
        return answer.json() if answer.status == 200 else None

    assert wait_until("the api answers again", again)["stdout"] == "kept\n"


def test_nothing_is_left_of_the_system_in_an_error_state(kubectl):
    pods = json.loads(kubectl("-n", SYSTEM, "get", "pods", "-o", "json"))["items"]
    waiting = [
        (pod["metadata"]["name"], state["state"]["waiting"]["reason"])
        for pod in pods if "deletionTimestamp" not in pod["metadata"]
        for state in pod["status"].get("containerStatuses", []) if "waiting" in state["state"]
    ]  # fmt: skip
    assert waiting == []
