"""The embedded cluster's life: cold start, repeated start, damage, takeover by another checkout, and the end.

It takes the machine's cluster down again and again, so it is a suite of its own:

    EMBEDDED_CLUSTER_TEST=1 /usr/bin/python3 -m pytest tests/e2e/embedded_cluster_test.py

Needs root. Image caches stay, so the system can be started again right after.
"""

import hashlib
import io
import json
import os
import select
import shutil
import signal
import subprocess
import tarfile
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(
    os.environ.get("EMBEDDED_CLUSTER_TEST") != "1", reason="takes the machine's cluster down; set EMBEDDED_CLUSTER_TEST=1"
)

CHECKOUT = Path(__file__).resolve().parents[2]
RUN = Path("/run/oneshot/cluster")
PROGRAMS = ("etcd", "containerd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet")
ECHO_IMAGE = "oneshot.local/echo:test"

# What a submission's container will be: waits on stdin, answers on stdout.
ECHO_PROGRAM = r"""
#include <stdio.h>
#include <unistd.h>
int main(void) {
  char line[256];
  setvbuf(stdout, 0, _IONBF, 0);
  printf("waiting\n");
  while (fgets(line, sizeof line, stdin)) printf("got %s", line);
  for (;;) pause();
}
"""

POD_SECURITY = {"runAsNonRoot": True, "runAsUser": 65534, "seccompProfile": {"type": "RuntimeDefault"}}
CONTAINER_SECURITY = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}


def command(name, *arguments, checkout=CHECKOUT, check=True, inherited=()):
    result = subprocess.run(
        [checkout / "k8s/embedded" / name, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=180,
        pass_fds=inherited,
    )
    assert not check or result.returncode == 0, result.stdout
    return result


def kubectl(*arguments, checkout=CHECKOUT, given=None, check=True):
    result = subprocess.run(
        [checkout / ".oneshot/bin/kubectl", "--kubeconfig", checkout / ".oneshot/kubeconfig", *arguments],
        input=given, capture_output=True, text=True, timeout=60,
    )
    assert not check or result.returncode == 0, result.stderr
    return result.stdout if check else result


def eventually(claim, seconds=30):
    deadline = time.monotonic() + seconds
    while True:
        value = claim()
        if value or time.monotonic() > deadline:
            assert value, f"still not so after {seconds} s: {claim}"
            return value
        time.sleep(0.05)


def pids():
    return {name: int((RUN / "pids" / name).read_text().split()[0]) for name in PROGRAMS}


def cgroups():
    return [path for path in Path("/sys/fs/cgroup").rglob("oneshot") if path.is_dir()]


def processes_of_the_cluster():
    """Every process in the cluster's cgroup: the programs, shims, pause and the pods' own."""
    found = set()
    for group in cgroups():
        for path in group.rglob("cgroup.procs"):
            found.update(int(pid) for pid in path.read_text().split())
    return found


def kill(processes):
    victims = list(processes)
    for pid in victims:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    eventually(lambda: not any(Path(f"/proc/{pid}").exists() for pid in victims))


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


def import_echo_image(folder):
    if command("has-image", ECHO_IMAGE, check=False).returncode == 0:
        return
    (folder / "echo.c").write_text(ECHO_PROGRAM)
    subprocess.run(["gcc", "-static", "-o", folder / "echo", folder / "echo.c"], check=True)
    layer = io.BytesIO()
    with tarfile.open(fileobj=layer, mode="w") as tar:
        tar.add(folder / "echo", arcname="echo")
    digest = hashlib.sha256(layer.getvalue()).hexdigest()
    configuration = {"architecture": "amd64", "os": "linux", "config": {"Entrypoint": ["/echo"]},
                     "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}"]}}
    parts = {
        "manifest.json": json.dumps([{"Config": "config.json", "RepoTags": [ECHO_IMAGE], "Layers": ["layer.tar"]}]).encode(),
        "config.json": json.dumps(configuration).encode(),
        "layer.tar": layer.getvalue(),
    }
    with tarfile.open(folder / "echo.tar", "w") as tar:
        for name, content in parts.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    command("import-image", folder / "echo.tar")


def job(name, security=POD_SECURITY):
    container = {"name": "python", "image": ECHO_IMAGE, "imagePullPolicy": "IfNotPresent", "stdin": True,
                 "resources": {"limits": {"memory": "64Mi"}, "requests": {"cpu": "10m"}}, "securityContext": CONTAINER_SECURITY}
    pod = {"restartPolicy": "Never", "automountServiceAccountToken": False, "enableServiceLinks": False,
           "terminationGracePeriodSeconds": 0, "securityContext": security, "containers": [container]}
    return json.dumps({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name},
                       "spec": {"backoffLimit": 0, "template": {"spec": pod}}})


def create_job(name, folder):
    import_echo_image(folder)
    kubectl("create", "--filename", "-", given=job(name))
    eventually(lambda: kubectl("get", "pods", "--selector", f"job-name={name}", "--output", "jsonpath={.items[*].status.phase}") == "Running")


def log_of(name):
    return kubectl("logs", f"job/{name}")


@pytest.fixture(scope="module", autouse=True)
def down_at_the_end():
    yield
    subprocess.run(["ctr", "--address", RUN / "containerd.sock", "--namespace", "k8s.io", "images", "rm", ECHO_IMAGE], capture_output=True)
    command("down")


@pytest.fixture
def no_cluster():
    command("down")


@pytest.fixture
def running_cluster():
    command("up")


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
    before = pids()
    again = command("up")
    assert pids() == before
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
    attach = subprocess.Popen(
        [CHECKOUT / ".oneshot/bin/kubectl", "--kubeconfig", CHECKOUT / ".oneshot/kubeconfig", "attach", "--stdin", "job/echo"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )
    attach.stdin.write("hello\n")
    attach.stdin.flush()
    assert "got hello\n" in iter(attach.stdout.readline, "")
    attach.kill()
    attach.communicate()
    assert log_of("echo") == "waiting\ngot hello\n"

    kubectl("--namespace", "lifecycle", "create", "--filename", "-", given=job("refused", security={}))
    eventually(lambda: "violates PodSecurity" in kubectl("--namespace", "lifecycle", "get", "events", "--output", "jsonpath={.items[*].message}"))


def test_pods_reach_nothing(running_cluster, tmp_path):
    create_job("alone", tmp_path)
    inside = [pid for pid in processes_of_the_cluster() if Path(f"/proc/{pid}/comm").read_text() == "echo\n"]
    routes = subprocess.check_output(["nsenter", "--net", "--target", str(inside[0]), "ip", "route"], text=True)
    links = json.loads(subprocess.check_output(["nsenter", "--net", "--target", str(inside[0]), "ip", "-json", "address"]))
    assert routes == ""
    assert [link["ifname"] for link in links if "LOWER_UP" in link["flags"]] == ["lo"]
    assert not [a for link in links for a in link["addr_info"] if a["scope"] == "link"]


def test_starts_again_only_what_died(running_cluster, tmp_path):
    create_job("survivor", tmp_path)
    before = pids()
    kill([before["kubelet"], before["kube-apiserver"], before["containerd"]])
    command("up")
    after = pids()
    assert {name for name in PROGRAMS if before[name] != after[name]} == {"kubelet", "kube-apiserver", "containerd"}
    assert log_of("survivor") == "waiting\n"


@pytest.mark.parametrize("victims", ["programs", "everything"])
def test_starts_over_after_a_massacre(running_cluster, tmp_path, victims):
    create_job("victim", tmp_path)
    kill(pids().values() if victims == "programs" else processes_of_the_cluster())
    command("up")
    assert kubectl("get", "jobs", "--output", "name") == ""
    create_job("next", tmp_path)
    eventually(lambda: log_of("next") == "waiting\n")


def test_a_stale_record_kills_nobody(running_cluster):
    bystander = subprocess.Popen(["sleep", "1000"])
    try:
        kill(processes_of_the_cluster())
        for name in PROGRAMS:
            (RUN / "pids" / name).write_text(f"{bystander.pid} 1\n")
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


@pytest.mark.parametrize("state", ["alive", "half dead", "dead"])
def test_the_end_leaves_nothing(no_cluster, tmp_path, state):
    before = machine()
    assert before["processes"] == [] and before["cgroups"] == [] and before["links"] == []
    command("up")
    create_job("leftover", tmp_path)
    if state == "half dead":
        kill(pids().values())
    elif state == "dead":
        kill(processes_of_the_cluster())
    command("down")
    assert machine() == before
    assert sorted(path.name for path in (CHECKOUT / ".oneshot/cluster").iterdir()) == ["containerd"]
