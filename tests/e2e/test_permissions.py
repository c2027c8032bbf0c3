"""Each program may do exactly what it needs in the cluster, and the run namespace holds nothing worth taking."""

import json

import pytest

from client import wait_until
from cluster import RUNS

CONTROLLER = "system:serviceaccount:oneshot:controller"
API = "system:serviceaccount:oneshot:api"
RUNS_POD = "system:serviceaccount:oneshot-runs:default"


def may(kubectl, who: str, verb: str, what: str, namespace: str) -> bool:
    resource, _, sub = what.partition("/")
    extra = [f"--subresource={sub}"] if sub else []
    return kubectl("auth", "can-i", verb, resource, *extra, "-n", namespace, f"--as={who}", check=False).strip() == "yes"


@pytest.mark.parametrize(
    ("verbs", "what"),
    [
        (("create", "get", "list", "watch", "patch", "delete"), "jobs.batch"),
        (("get", "list", "watch", "patch"), "pods"),
        (("get",), "pods/log"),
        (("create", "get"), "pods/attach"),
        (("create",), "events.events.k8s.io"),
    ],
)
def test_the_controller_may(kubectl, verbs, what):
    assert [verb for verb in verbs if not may(kubectl, CONTROLLER, verb, what, "oneshot-runs")] == []


@pytest.mark.parametrize(
    ("verb", "what", "namespace"),
    [
        ("update", "jobs.batch", "oneshot-runs"),
        ("create", "pods", "oneshot-runs"),
        ("delete", "pods", "oneshot-runs"),
        ("create", "pods/exec", "oneshot-runs"),
        ("get", "secrets", "oneshot-runs"),
        ("get", "secrets", "oneshot"),
        ("create", "jobs.batch", "oneshot"),
        ("create", "jobs.batch", "default"),
        ("list", "nodes", "default"),
        ("list", "leases.coordination.k8s.io", "oneshot"),
        ("delete", "leases.coordination.k8s.io", "oneshot"),
        ("escalate", "roles.rbac.authorization.k8s.io", "oneshot-runs"),
    ],
)
def test_the_controller_may_not(kubectl, verb, what, namespace):
    assert not may(kubectl, CONTROLLER, verb, what, namespace)


@pytest.mark.parametrize("who", [API, RUNS_POD])
def test_api_and_runs_have_no_rights(kubectl, who):
    for verb, what in (("get", "pods"), ("create", "jobs.batch"), ("get", "secrets"), ("list", "leases.coordination.k8s.io")):
        for namespace in ("oneshot", "oneshot-runs"):
            assert not may(kubectl, who, verb, what, namespace)


def test_a_job_that_is_no_run_is_refused(kubectl):
    """The admission policy stands even against an administrator's slip."""
    manifest = """
apiVersion: batch/v1
kind: Job
metadata: {name: foreign, namespace: oneshot-runs}
spec: {template: {spec: {restartPolicy: Never, containers: [{name: x, image: x}]}}}
"""
    kubectl("create", "-f", "-", stdin=manifest, check=False)
    assert "job.batch/foreign" not in kubectl("-n", "oneshot-runs", "get", "jobs", "-o", "name")


def set_image(pod: dict) -> None:
    pod["containers"][0]["image"] = "attacker.example/image"


def set_uid(uid: int):
    def change(pod: dict) -> None:
        pod["securityContext"]["runAsUser"] = uid

    return change


def set_container_uid(pod: dict) -> None:
    pod["containers"][0]["securityContext"]["runAsUser"] = 1001


def set_group_of_root(pod: dict) -> None:
    pod["securityContext"]["runAsGroup"] = 0


def leave_out_group(pod: dict) -> None:
    del pod["securityContext"]["runAsGroup"]


def add_volume(pod: dict) -> None:
    pod["volumes"] = [{"name": "v", "emptyDir": {}}]


def add_token(pod: dict) -> None:
    pod["automountServiceAccountToken"] = True


def make_writable(pod: dict) -> None:
    pod["containers"][0]["securityContext"]["readOnlyRootFilesystem"] = False


def take_limits(pod: dict) -> None:
    del pod["containers"][0]["resources"]["limits"]["memory"]


@pytest.mark.parametrize(
    "change",
    [
        None,
        set_image,
        set_uid(65534),
        set_uid(2_000_000),
        set_container_uid,
        set_group_of_root,
        leave_out_group,
        add_volume,
        add_token,
        make_writable,
        take_limits,
    ],
)
def test_a_stolen_controller_token_makes_no_other_jobs(api, kubectl, change):
    run = api.run("pass")
    job = wait_until("the run has a Job", lambda: json.loads(kubectl("-n", RUNS, "get", "job", run["job"]["name"], "-o", "json")))
    spec = job["spec"]
    for made_by_the_server in ("selector", "manualSelector"):
        spec.pop(made_by_the_server, None)
    labels = {name: value for name, value in job["metadata"]["labels"].items() if name.startswith(("oneshot.dev/", "app.kubernetes.io/"))}
    spec["template"]["metadata"]["labels"] = labels
    if change:
        change(spec["template"]["spec"])
    manifest = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "other", "namespace": RUNS, "labels": labels}, "spec": spec}
    arguments = ("create", "--dry-run=server", "-o", "name", "-f", "-", f"--as={CONTROLLER}")
    made = kubectl(*arguments, stdin=json.dumps(manifest), check=False)
    assert made.strip() == ("" if change else "job.batch/other")


def test_the_controller_changes_nothing_of_a_pod_but_its_labels_and_annotations(api, kubectl):
    """The right to patch a pod is the right to replace its image, were it not for the admission policy."""
    run = api.submit("import time\ntime.sleep(8)")
    try:
        pod = wait_until("the run has a pod", lambda: kubectl.pod_of(run["id"]))
        name = pod["metadata"]["name"]

        def apply_as_controller(**fields: dict) -> None:
            manifest = {"apiVersion": "v1", "kind": "Pod", **fields, "metadata": {"name": name, **fields.get("metadata", {})}}
            arguments = ("apply", "--server-side", "--force-conflicts", "--validate=false", "-f", "-", f"--as={CONTROLLER}")
            kubectl("-n", RUNS, *arguments, stdin=json.dumps(manifest), check=False)

        apply_as_controller(spec={"containers": [{"name": "python", "image": "attacker.example/image"}]})
        apply_as_controller(metadata={"finalizers": ["attacker.example/forever"]})
        apply_as_controller(metadata={"labels": {"test/label": "seen"}, "annotations": {"test/annotation": "seen"}})
        after = json.loads(kubectl("-n", RUNS, "get", "pod", name, "-o", "json"))
        assert after["metadata"]["labels"]["test/label"] == after["metadata"]["annotations"]["test/annotation"] == "seen"
        assert [container["image"] for container in after["spec"]["containers"]] == [
            container["image"] for container in pod["spec"]["containers"]
        ]
        assert after["metadata"].get("finalizers") == pod["metadata"].get("finalizers")
    finally:
        api.cancel(run["id"])


def test_the_run_namespace_holds_no_secrets(kubectl):
    assert kubectl.objects("secrets") == []
    assert [account["metadata"]["name"] for account in kubectl.objects("serviceaccounts")] == ["default"]
