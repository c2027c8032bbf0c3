"""Pods that are weak on purpose, in a namespace of their own: there every probe must be able, or its being contained elsewhere means nothing.

`root`: the run image without the runner, as root with all capabilities, no filter and a writable file system. `privileged`: the same
with the host's devices and the kernel's settings as well. In both, a parent that guards nothing stands for the runner.
"""

import json
import pathlib
import time

from cluster import Kubectl
from probe import Probe

NAMESPACE = "oneshot-probes"
PARENT = pathlib.Path(__file__).resolve().parent / "weak_parent.py"
ROOT_CONTEXT = {
    "runAsUser": 0,
    "allowPrivilegeEscalation": True,
    "readOnlyRootFilesystem": False,
    "seccompProfile": {"type": "Unconfined"},
    "capabilities": {"add": ["ALL"]},
}
CONTEXTS = {"root": ROOT_CONTEXT, "privileged": {"runAsUser": 0, "privileged": True}}
DEADLINE_SECONDS = 600


def namespace() -> dict:
    labels = {"pod-security.kubernetes.io/enforce": "privileged"}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE, "labels": labels}}


def config_map(name: str, probes: list[Probe]) -> dict:
    tasks = [{"name": probe.name, "source": probe.source, "watch_seconds": probe.watch_seconds} for probe in probes]
    data = {"parent.py": PARENT.read_text(encoding="utf-8"), "tasks.json": json.dumps(tasks)}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": NAMESPACE}, "data": data}


def pod(name: str, image: str) -> dict:
    container = {
        "name": "weak",
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "command": ["python3", "/weak/parent.py", "/weak/tasks.json"],
        "securityContext": CONTEXTS[name],
        "volumeMounts": [{"name": "tasks", "mountPath": "/weak"}],
    }
    spec = {
        "restartPolicy": "Never",
        "containers": [container],
        "volumes": [{"name": "tasks", "configMap": {"name": name}}],
        "activeDeadlineSeconds": DEADLINE_SECONDS,
        "terminationGracePeriodSeconds": 0,
    }
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": NAMESPACE}, "spec": spec}


def phase(kubectl: Kubectl, name: str) -> str:
    return kubectl("-n", NAMESPACE, "get", "pod", name, "-o", "jsonpath={.status.phase}")


def run_weakly(kubectl: Kubectl, image: str, probes: list[Probe]) -> dict[str, str]:
    """What each probe said in its weakened pod, by name."""
    kubectl("delete", "namespace", NAMESPACE, "--ignore-not-found", "--wait")
    kubectl("create", "-f", "-", stdin=json.dumps(namespace()))
    said: dict[str, str] = {}
    try:
        for name in sorted({probe.weak for probe in probes}):
            chosen = [probe for probe in probes if probe.weak == name]
            for manifest in (config_map(name, chosen), pod(name, image)):
                kubectl("create", "-f", "-", stdin=json.dumps(manifest))
            end = time.monotonic() + DEADLINE_SECONDS
            while phase(kubectl, name) not in ("Succeeded", "Failed"):
                if time.monotonic() > end:
                    raise AssertionError(f"the weakened pod {name} does not end")
                time.sleep(0.5)
            lines = kubectl("-n", NAMESPACE, "logs", name).splitlines()
            said |= dict(json.loads(line) for line in lines if line.startswith('["'))
    finally:
        kubectl("delete", "namespace", NAMESPACE, "--ignore-not-found", "--wait=false")
    return said
