"""A node dies with everything on it: its runs start over on another one."""

import pytest

from client import wait_until
from embedded import needs_embedded_cluster
from faults import kill_node, run_script

pytestmark = [needs_embedded_cluster, pytest.mark.usefixtures("whole_again")]

LARGE = {"memory_mib": 700}  # more than any Job that waits for a run has, so that the run needs one of its own


@pytest.fixture
def second_node():
    run_script("k8s/embedded/up", "--nodes=2")
    yield "127.0.0.2"
    run_script("k8s/embedded/up")


def test_run_of_a_lost_node_starts_over_on_another(api, kubectl, second_node):
    kubectl("cordon", "localhost")
    try:
        source = "import time\nprint('begun', flush=True)\ntime.sleep(5)\nprint('done', flush=True)"
        run_id = api.submit(source, limits=LARGE)["id"]
        wait_until("it prints", lambda: api.output(run_id))
    finally:
        kubectl("uncordon", "localhost")
    assert kubectl.pod_of(run_id)["spec"]["nodeName"] == second_node

    kill_node("node-2")
    wait_until("the node is not ready", lambda: not kubectl.node_condition(second_node, "Ready"))
    run = api.wait_ended(run_id, deadline_seconds=240)
    assert (run["status"], run["stdout"], run["truncated"], run["attempt"]) == ("succeeded", "begun\ndone\n", False, 2), run
    (interruption,) = run["interruptions"]
    assert (interruption["attempt"], interruption["node"]) == (1, second_node), run
    assert kubectl.pod_of(run_id)["spec"]["nodeName"] == "localhost"
