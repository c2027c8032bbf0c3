"""A node's disk is full: its runs are evicted and start over on another node."""

import pathlib
import shutil
import subprocess

import pytest

from client import wait_until
from cluster import STATE
from embedded import needs_embedded_cluster
from faults import run_script
from second_node import SECOND_NODE, begin_on_second_node

pytestmark = [needs_embedded_cluster, pytest.mark.usefixtures("whole_again")]

DISK = STATE / "cluster/node-2"
DISK_GIB = 4
# It works longer than the kubelet needs to notice.
SECONDS = 40
SOURCE = f"import time\nfor n in range({SECONDS}):\n    print(n, flush=True)\n    time.sleep(1)"


def mount(*arguments: str | pathlib.Path) -> None:
    subprocess.run(["mount", "-t", "tmpfs", *arguments, "oneshot-node-2", DISK], check=True)


@pytest.fixture
def small_disk():
    """A second node, whose files lie on a file system of their own, in memory: nothing fills the machine's disk."""
    run_script("k8s/embedded/up")
    subprocess.run(["umount", "--lazy", DISK], capture_output=True)  # of a test that was killed
    DISK.mkdir(exist_ok=True)
    mount("-o", f"size={DISK_GIB}G")
    try:
        run_script("k8s/embedded/up", "--nodes=2")
        yield
        run_script("k8s/embedded/up")
    finally:
        subprocess.run(["umount", "--lazy", DISK], check=True)


def test_runs_of_a_node_with_a_full_disk_start_over_on_another(api, kubectl, small_disk):
    run_id = begin_on_second_node(api, kubectl, SOURCE, wall_seconds=60)

    used_kib = shutil.disk_usage(DISK).used // 1024
    mount("-o", f"remount,size={used_kib + 64}k")
    wait_until("the node says so", lambda: kubectl.node_condition(SECOND_NODE, "DiskPressure"), 60)
    run = api.wait_ended(run_id, deadline_seconds=240)
    assert (run["status"], run["truncated"], run["attempt"]) == ("succeeded", False, 2), run
    assert api.output(run_id) == "".join(f"{n}\n" for n in range(SECONDS)).encode()
    (interruption,) = run["interruptions"]
    assert (interruption["node"], interruption["reason"]) == (SECOND_NODE, "pod_disrupted"), run
