"""A pod that is weak on purpose, in a namespace of its own: there every probe must be able, or its being contained elsewhere means nothing.

It is the run image without the runner, as root with all capabilities, no filter and everything writable. A parent that guards nothing
stands for the runner (weak_parent.py).
"""

import json
import pathlib
import time

from cluster import Kubectl
from probe import Probe

NAMESPACE = "oneshot-probes"
NAME = "weak"
PARENT = pathlib.Path(__file__).resolve().parent / "weak_parent.py"
SECURITY_CONTEXT = {
    "runAsUser": 0,
    "allowPrivilegeEscalation": True,
    "readOnlyRootFilesystem": False,
    "seccompProfile": {"type": "Unconfined"},
    "capabilities": {"add": ["ALL"]},
}
DEADLINE_SECONDS = 600


def namespace() -> dict:
    labels = {"pod-security.kubernetes.io/enforce": "privileged"}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE, "labels": labels}}


def config_map(probes: list[Probe]) -> dict:
    tasks = [{"name": probe.name, "source": probe.source, "watch_seconds": probe.watch_seconds} for probe in probes]
    data = {"parent.py": PARENT.read_text(encoding="utf-8"), "tasks.json": json.dumps(tasks)}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": NAME, "namespace": NAMESPACE}, "data": data}


def pod(image: str) -> dict:
    container = {
        "name": NAME,
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "command": ["python3", "/weak/parent.py", "/weak/tasks.json"],
        "securityContext": SECURITY_CONTEXT,
        "volumeMounts": [{"name": "tasks", "mountPath": "/weak"}],
    }
    spec = {
        "restartPolicy": "Never",
        "containers": [container],
        "volumes": [{"name": "tasks", "configMap": {"name": NAME}}],
        "activeDeadlineSeconds": DEADLINE_SECONDS,
        "terminationGracePeriodSeconds": 0,
    }
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": NAME, "namespace": NAMESPACE}, "spec": spec}


def phase(kubectl: Kubectl) -> str:
    return kubectl("-n", NAMESPACE, "get", "pod", NAME, "-o", "jsonpath={.status.phase}")


def run_weakly(kubectl: Kubectl, image: str, probes: list[Probe]) -> dict[str, str]:
    """What each probe said in the weakened pod, by name."""
    kubectl("delete", "namespace", NAMESPACE, "--ignore-not-found", "--wait")
    kubectl("create", "-f", "-", stdin=json.dumps(namespace()))
    try:
        for manifest in (config_map(probes), pod(image)):
            kubectl("create", "-f", "-", stdin=json.dumps(manifest))
        end = time.monotonic() + DEADLINE_SECONDS
        while phase(kubectl) not in ("Succeeded", "Failed"):
            if time.monotonic() > end:
                raise AssertionError("the weakened pod does not end")
            time.sleep(0.5)
        lines = kubectl("-n", NAMESPACE, "logs", NAME).splitlines()
        return dict(json.loads(line) for line in lines if line.startswith('["'))
    finally:
        kubectl("delete", "namespace", NAMESPACE, "--ignore-not-found", "--wait=false")
