"""A node dies with everything on it: its runs start over on another one."""

import pytest

from client import wait_until
from embedded import needs_embedded_cluster
from faults import kill_node, run_script
from second_node import SECOND_NODE, begin_on_second_node

pytestmark = [needs_embedded_cluster, pytest.mark.usefixtures("whole_again")]

SOURCE = "import time\nprint('begun', flush=True)\ntime.sleep(5)\nprint('done', flush=True)"


@pytest.fixture
def two_nodes():
    run_script("k8s/embedded/up", "--nodes=2")
    yield
    run_script("k8s/embedded/up")


def test_run_of_a_lost_node_starts_over_on_another(api, kubectl, two_nodes):
    run_id = begin_on_second_node(api, kubectl, SOURCE)

    kill_node("node-2")
    wait_until("the node is not ready", lambda: not kubectl.node_condition(SECOND_NODE, "Ready"))
    run = api.wait_ended(run_id, deadline_seconds=240)
    assert (run["status"], run["stdout"], run["truncated"], run["attempt"]) == ("succeeded", "begun\ndone\n", False, 2), run
    (interruption,) = run["interruptions"]
    assert (interruption["attempt"], interruption["node"]) == (1, SECOND_NODE), run
    assert kubectl.pod_of(run_id)["spec"]["nodeName"] == "localhost"
