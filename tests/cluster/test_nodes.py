"""A second node, for tests of node loss: it works like the first, dies as a whole, comes back, and goes without a trace."""

import json
import os
import signal
import subprocess

import pytest

from embedded import (
    ECHO_IMAGE,
    NODE_2,
    NODES,
    cgroups,
    command,
    create_job,
    eventually,
    eventually_again,
    kill,
    kubectl,
    log_of,
    on,
    pid_of,
    pids,
    processes_of_the_cluster,
    say_hello_to,
    start,
    takes_the_cluster_down,
)

pytestmark = takes_the_cluster_down

# Kubernetes calls a node lost when it was silent for 50 s.
NODE_LOSS_SECONDS = 120


def nodes():
    found = json.loads(kubectl("get", "nodes", "--output", "json"))["items"]
    return {node["metadata"]["name"]: next(c["status"] for c in node["status"]["conditions"] if c["type"] == "Ready") for node in found}


def nodes_of(name):
    """Where the Job's pods are that are not on their way out."""
    pods = json.loads(kubectl("get", "pods", "--selector", f"job-name={name}", "--output", "json"))["items"]
    return [pod["spec"].get("nodeName") for pod in pods if "deletionTimestamp" not in pod["metadata"]]


@pytest.fixture
def two_nodes():
    command("up", "--nodes=2")


def kill_node_2():
    """Its supervisor may start something before its turn comes."""
    def all_gone():
        kill(processes_of_the_cluster("node-2"))
        return not processes_of_the_cluster("node-2")

    eventually(all_gone)


def test_a_second_node_joins_with_the_images_and_logs_and_attach_reach_both(no_cluster, tmp_path):
    command("up")
    create_job("first", tmp_path, **on("localhost"))
    before = pids("supervisor")
    command("up", "--nodes=2")
    assert pids("supervisor") == before
    assert nodes() == dict.fromkeys(NODES, "True")
    create_job("second", tmp_path, **on("127.0.0.2"))
    for name in ("first", "second"):
        eventually(lambda: log_of(name) == "waiting\n")
        say_hello_to(name)
    again = command("up", "--nodes=2")
    assert "==>" not in again.stdout, "the second start did something:\n" + again.stdout


def test_images_are_on_both_nodes_or_not_there(two_nodes, tmp_path):
    create_job("echo", tmp_path)
    for node in (NODE_2.parent, NODE_2):
        subprocess.run(["ctr", "--address", node / "containerd.sock", "--namespace", "k8s.io", "images", "rm", ECHO_IMAGE], check=True)
        assert command("has-image", ECHO_IMAGE, check=False).returncode == 1
        create_job("echo-" + ("2" if node == NODE_2 else "1"), tmp_path)  # imports it
        assert command("has-image", ECHO_IMAGE).returncode == 0


@pytest.mark.parametrize("program", ["containerd", "kubelet"])
def test_programs_of_the_second_node_come_back(two_nodes, tmp_path, program):
    create_job(f"survivor-of-{program}", tmp_path, **on("127.0.0.2"))
    before = pid_of(program, NODE_2)
    kill([before])
    eventually_again(program, before, NODE_2)
    create_job(f"after-{program}", tmp_path, **on("127.0.0.2"))
    eventually(lambda: log_of(f"after-{program}") == "waiting\n")
    eventually(lambda: log_of(f"survivor-of-{program}") == "waiting\n")


def test_a_node_that_dies_stays_dead_and_its_jobs_move(two_nodes, tmp_path):
    at_once = [{"key": "node.kubernetes.io/unreachable", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 0}]
    kubectl("cordon", "localhost")
    create_job("nomad", tmp_path, retries=1, tolerations=at_once)
    kubectl("uncordon", "localhost")
    assert nodes_of("nomad") == ["127.0.0.2"]
    before = pids("supervisor")

    kill_node_2()
    eventually(lambda: nodes() == {"localhost": "True", "127.0.0.2": "Unknown"}, NODE_LOSS_SECONDS)
    eventually(lambda: nodes_of("nomad") == ["localhost"])
    assert not processes_of_the_cluster("node-2")

    command("up", "--nodes=2")
    assert nodes() == dict.fromkeys(NODES, "True")
    assert pids("supervisor") == before
    create_job("settler", tmp_path, **on("127.0.0.2"))
    eventually(lambda: log_of("settler") == "waiting\n")


def test_a_dead_node_is_removed_although_the_job_controller_does_not_answer(two_nodes, tmp_path):
    """It keeps the pods of a Job from being deleted, and a supervisor could not start it meanwhile."""
    create_job("captive", tmp_path, **on("127.0.0.2"))
    kill_node_2()
    job_controller, said = pid_of("kube-controller-manager"), tmp_path / "said"
    os.kill(job_controller, signal.SIGSTOP)
    try:
        up = start("up", "--nodes=2", output=said)
        eventually(lambda: "starting node 2" in said.read_text())
    finally:
        os.kill(job_controller, signal.SIGCONT)
    assert up.wait(timeout=120) == 0, said.read_text()
    eventually(lambda: "127.0.0.2" not in nodes_of("captive"))


def test_one_node_again(two_nodes, tmp_path):
    create_job("stays", tmp_path, **on("localhost"))
    create_job("goes", tmp_path, **on("127.0.0.2"))
    before = pids("supervisor")
    command("up")
    assert nodes() == {"localhost": "True"}
    eventually(lambda: "127.0.0.2" not in nodes_of("goes"))
    assert cgroups("node-2") == [] and not NODE_2.exists()
    assert pids("supervisor") == before
    eventually(lambda: log_of("stays") == "waiting\n")
