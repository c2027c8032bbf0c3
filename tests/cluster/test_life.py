"""The embedded cluster's life: cold start, repeated start, damage, takeover by another checkout, and the end."""

import json
import os
import select
import shutil
import subprocess
from pathlib import Path

import pytest

from embedded import (
    CHECKOUT,
    NODES,
    PROGRAMS,
    RUN,
    cgroups,
    command,
    create_job,
    eventually,
    job,
    kill,
    kubectl,
    log_of,
    on,
    pids,
    processes_of_the_cluster,
    say_hello_to,
    takes_the_cluster_down,
)

pytestmark = takes_the_cluster_down


def packet_filter():
    if not shutil.which("iptables-save"):
        return None
    return [line for line in subprocess.check_output(["iptables-save"], text=True).splitlines() if "KUBE" in line]


def machine():
    """What a cluster could leave on the machine, outside every checkout."""
    links = json.loads(subprocess.check_output(["ip", "-json", "link"]))
    places = ("/run/oneshot/cluster", "/run/containerd", "/run/netns", "/var/lib/kubelet", "/var/lib/cni", "/var/lib/containerd",
              "/var/log/pods", "/var/log/containers", "/opt/containerd", "/etc/cni/net.d")
    return {
        "mounts": [line for line in Path("/proc/self/mountinfo").read_text().splitlines() if "oneshot" in line or "kubelet" in line],
        "links": [link["ifname"] for link in links if link["ifname"].startswith("oneshot")],
        "cgroups": cgroups(),
        "processes": sorted(processes_of_the_cluster()),
        "places": {place: sorted(str(p) for p in Path(place).rglob("*")) if Path(place).is_dir() else None for place in places},
        "packet filter": packet_filter(),
        "namespaces": subprocess.check_output(["lsns", "--noheadings", "--output", "TYPE,COMMAND", "--type", "net"], text=True).count("pause"),
    }


@pytest.fixture
def other_checkout(tmp_path):
    """A second checkout with a path too long for any socket, which has our programs but nothing else of ours."""
    other = tmp_path / ("long-" * 25) / "checkout"
    shutil.copytree(CHECKOUT / "k8s/embedded", other / "k8s/embedded")
    shutil.copytree(CHECKOUT / "scripts", other / "scripts")
    (other / ".oneshot").mkdir()
    shutil.copytree(CHECKOUT / ".oneshot/bin", other / ".oneshot/bin", symlinks=True)
    yield other
    command("down", "--purge", checkout=other)


def test_starts_from_nothing_and_a_second_start_changes_nothing(no_cluster):
    pipe, kept_by_the_caller = os.pipe()
    command("up", inherited=[kept_by_the_caller])
    os.close(kept_by_the_caller)
    assert select.select([pipe], [], [], 5)[0], "a program of the cluster holds its caller's pipe"
    os.close(pipe)
    before = pids("supervisor")
    again = command("up")
    assert pids("supervisor") == before
    assert "==>" not in again.stdout, "the second start did something:\n" + again.stdout
    mode = (CHECKOUT / ".oneshot/kubeconfig").stat().st_mode & 0o777
    assert mode == 0o600
    for pid in before.values():
        assert os.getsid(pid) == pid, "a program that is no session leader would go down with the caller's terminal"


def test_logs_attach_and_pod_security_are_real(running_cluster, tmp_path):
    kubectl("create", "namespace", "lifecycle")
    kubectl("label", "namespace", "lifecycle", "pod-security.kubernetes.io/enforce=restricted")
    eventually(lambda: kubectl("--namespace", "lifecycle", "get", "serviceaccount", "default", check=False).returncode == 0)
    create_job("echo", tmp_path)
    eventually(lambda: log_of("echo") == "waiting\n")
    say_hello_to("echo")

    kubectl("--namespace", "lifecycle", "create", "--filename", "-", given=job("refused", security={}))
    eventually(lambda: "violates PodSecurity" in kubectl("--namespace", "lifecycle", "get", "events", "--output", "jsonpath={.items[*].message}"))


def test_pods_reach_nothing(running_cluster, tmp_path):
    create_job("alone", tmp_path)
    inside = [pid for pid in processes_of_the_cluster() if Path(f"/proc/{pid}/comm").read_text() == "echo\n"]
    routes = subprocess.check_output(["nsenter", "--net", "--target", str(inside[0]), "ip", "route"], text=True)
    links = json.loads(subprocess.check_output(["nsenter", "--net", "--target", str(inside[0]), "ip", "-json", "address"]))
    assert routes == ""
    assert [link["ifname"] for link in links if "LOWER_UP" in link["flags"]] == ["lo"]
    assert [link["ifname"] for link in links if link["addr_info"]] == ["lo"]
    assert "eth0" not in [link["ifname"] for link in links]  # others may be in every network namespace, such as tunl0


@pytest.mark.parametrize("victims, slow_to_ask", [
    ({"supervisor", "kubelet", "containerd"}, set()),
    ({"supervisor", "kube-apiserver"}, {"kube-controller-manager", "kube-scheduler", "kubelet"}),
])
def test_starts_again_only_what_died(no_cluster, tmp_path, victims, slow_to_ask):
    command("up")
    create_job("survivor", tmp_path)
    before = pids("supervisor")
    kill(before[name] for name in victims)
    command("up")
    after = pids("supervisor")
    assert {name for name in before if before[name] != after[name]} == victims | slow_to_ask
    eventually(lambda: log_of("survivor") == "waiting\n")


@pytest.mark.parametrize("victims", ["programs", "everything"])
def test_starts_over_after_a_massacre(running_cluster, tmp_path, victims):
    create_job("victim", tmp_path)
    kill(pids("supervisor").values() if victims == "programs" else processes_of_the_cluster())
    command("up")
    assert kubectl("get", "jobs", "--output", "name") == ""
    create_job("next", tmp_path)
    eventually(lambda: log_of("next") == "waiting\n")


def test_a_stale_record_kills_nobody(running_cluster):
    bystander = subprocess.Popen(["sleep", "1000"])
    try:
        kill(processes_of_the_cluster())
        for name in (*PROGRAMS, "supervisor"):
            boot = Path("/proc/sys/kernel/random/boot_id").read_text()
            (RUN / "pids" / name).write_text(f"{bystander.pid} 1 {boot}")
        command("up")
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_a_busy_port_is_named_with_its_holder(no_cluster):
    listener = subprocess.Popen(
        ["/usr/bin/python3", "-c", "import socket,sys; s = socket.create_server(('127.0.0.1', 6443)); print('ready', flush=True); sys.stdin.read()"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )
    try:
        assert listener.stdout.readline() == "ready\n"
        result = command("up", check=False)
        assert result.returncode != 0
        assert "6443" in result.stdout and f"pid {listener.pid}" in result.stdout
    finally:
        listener.communicate("")
    assert not RUN.exists()


@pytest.mark.parametrize("alive", [True, False])
def test_another_checkout_takes_over(running_cluster, other_checkout, tmp_path, alive):
    create_job("ours", tmp_path)
    if not alive:
        kill(processes_of_the_cluster())
    said = command("up", checkout=other_checkout).stdout
    assert f"the cluster of {CHECKOUT}" in said
    assert kubectl("get", "nodes", "--output", "name", checkout=other_checkout) == "node/localhost\n"
    assert not (CHECKOUT / ".oneshot/kubeconfig").exists()

    # Ours does not end what is not ours any more.
    command("down")
    assert kubectl("get", "nodes", "--output", "name", checkout=other_checkout) == "node/localhost\n"


@pytest.mark.parametrize("nodes", [1, 2])
@pytest.mark.parametrize("state", ["alive", "coming back", "half dead", "dead"])
def test_the_end_leaves_nothing(no_cluster, tmp_path, nodes, state):
    before = machine()
    assert before["processes"] == [] and before["cgroups"] == [] and before["links"] == []
    command("up", f"--nodes={nodes}")
    for node in NODES[:nodes]:
        create_job("leftover-" + node, tmp_path, **on(node))
    if state == "coming back":
        kill(pids().values())
    elif state == "half dead":
        kill(pids("supervisor").values())
    elif state == "dead":
        kill(processes_of_the_cluster())
    command("down")
    assert machine() == before
    caches = {path.relative_to(CHECKOUT / ".oneshot/cluster") for path in (CHECKOUT / ".oneshot/cluster").glob("*")}
    assert caches <= {Path("containerd"), Path("node-2")}
    assert [path.name for path in (CHECKOUT / ".oneshot/cluster/node-2").glob("*")] in ([], ["containerd"])
