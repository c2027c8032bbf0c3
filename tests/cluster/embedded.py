"""The embedded cluster as its tests see it: its commands, its kubectl, its processes, and a Job that answers."""

import hashlib
import io
import json
import os
import signal
import subprocess
import tarfile
import time
from pathlib import Path

import pytest

takes_the_cluster_down = pytest.mark.skipif(
    os.environ.get("EMBEDDED_CLUSTER_TEST") != "1", reason="takes the machine's cluster down; set EMBEDDED_CLUSTER_TEST=1"
)

CHECKOUT = Path(__file__).resolve().parents[2]
RUN = Path("/run/oneshot/cluster")
NODE_2 = RUN / "node-2"
NODES = ("localhost", "127.0.0.2")
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


def start(name, *arguments, output):
    """As command, and does not wait for its end. `output` is the file for what it says."""
    with open(output, "w") as file:
        return subprocess.Popen([CHECKOUT / "k8s/embedded" / name, *arguments], stdout=file, stderr=subprocess.STDOUT)


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


def pid_of(program, node=RUN):
    """None while it is being started."""
    try:
        return int((node / "pids" / program).read_text().split()[0])
    except FileNotFoundError:
        return None


def pids(*others):
    return {name: pid_of(name) for name in (*PROGRAMS, *others)}


def lives(pid):
    return pid is not None and Path(f"/proc/{pid}").exists()


def eventually_again(program, before, node=RUN):
    """Waits until another process than `before` is this program."""
    return eventually(lambda: (now := pid_of(program, node)) != before and lives(now) and now)


def apiserver_answers():
    return kubectl("get", "--raw", "/readyz", check=False).returncode == 0


def cgroups(name="oneshot"):
    return [path for path in Path("/sys/fs/cgroup").rglob(name) if path.is_dir()]


def processes_of_the_cluster(group="oneshot"):
    """Every process in the cluster's cgroup, or in that of a node: the programs, shims, pause and the pods' own."""
    found = set()
    for group in cgroups(group):
        for path in group.rglob("cgroup.procs"):
            found.update(int(pid) for pid in path.read_text().split())
    return found


def kill(processes):
    victims = [pid for pid in processes if pid is not None]
    for pid in victims:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    eventually(lambda: not any(Path(f"/proc/{pid}").exists() for pid in victims))


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


def job(name, security=POD_SECURITY, retries=0, **pod_settings):
    container = {"name": "python", "image": ECHO_IMAGE, "imagePullPolicy": "IfNotPresent", "stdin": True,
                 "resources": {"limits": {"memory": "64Mi"}, "requests": {"cpu": "10m"}}, "securityContext": CONTAINER_SECURITY}
    pod = {"restartPolicy": "Never", "automountServiceAccountToken": False, "enableServiceLinks": False,
           "terminationGracePeriodSeconds": 0, "securityContext": security, "containers": [container], **pod_settings}
    return json.dumps({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name},
                       "spec": {"backoffLimit": retries, "template": {"spec": pod}}})


def on(node):
    return {"nodeSelector": {"kubernetes.io/hostname": node}}


def create_job(name, folder, **settings):
    import_echo_image(folder)
    kubectl("create", "--filename", "-", given=job(name, **settings))
    eventually(lambda: kubectl("get", "pods", "--selector", f"job-name={name}", "--output", "jsonpath={.items[*].status.phase}") == "Running")


def log_of(name):
    """Empty while the kubelet does not know the pod, as when it has just been started again."""
    return kubectl("logs", f"job/{name}", check=False).stdout


def say_hello_to(name):
    """Attaches to the Job's container, which answers."""
    attach = subprocess.Popen(
        [CHECKOUT / ".oneshot/bin/kubectl", "--kubeconfig", CHECKOUT / ".oneshot/kubeconfig", "attach", "--stdin", f"job/{name}"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )
    attach.stdin.write("hello\n")
    attach.stdin.flush()
    assert "got hello\n" in iter(attach.stdout.readline, "")
    attach.kill()
    attach.communicate()
    assert log_of(name) == "waiting\ngot hello\n"
