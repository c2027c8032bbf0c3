"""kubectl as the administrator, and the few ways in which the tests disturb the cluster on purpose."""

import contextlib
import json
import os
import pathlib
import re
import shutil
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
STATE = ROOT / ".oneshot"
RUNS = "oneshot-runs"
SYSTEM = "oneshot"


class Kubectl:
    def __init__(self):
        own = STATE / "bin" / "kubectl"
        self.program = str(own) if own.exists() else shutil.which("kubectl")
        self.environment = {**os.environ, "KUBECONFIG": str(STATE / "kubeconfig")}

    def __call__(self, *arguments: str, stdin: str | None = None, check: bool = True) -> str:
        result = subprocess.run(
            [self.program, *arguments], input=stdin, env=self.environment, capture_output=True, text=True, timeout=240
        )
        if check and result.returncode != 0:
            raise AssertionError(f"kubectl {' '.join(arguments)}: {result.stderr}")
        return result.stdout

    def objects(self, kind: str, namespace: str = RUNS, selector: str | None = None) -> list[dict]:
        chosen = ["-l", selector] if selector else []
        return json.loads(self("-n", namespace, "get", kind, *chosen, "-o", "json"))["items"]

    def node_condition(self, node: str, kind: str) -> bool:
        conditions = json.loads(self("get", "node", node, "-o", "json"))["status"]["conditions"]
        return any(condition["type"] == kind and condition["status"] == "True" for condition in conditions)

    def workload(self, component: str) -> str:
        """What makes the pods of `api` or `controller`: a StatefulSet in the embedded cluster, a Deployment elsewhere."""
        return self("-n", SYSTEM, "get", "statefulsets,deployments", "-l", f"app.kubernetes.io/component={component}", "-o", "name").strip()

    def job_of(self, run_id: str) -> dict | None:
        jobs = self.objects("jobs", selector=f"oneshot.dev/run-id={run_id}")
        assert len(jobs) <= 1, f"run {run_id} has several Jobs: {[job['metadata']['name'] for job in jobs]}"
        return jobs[0] if jobs else None

    def pod_of(self, run_id: str) -> dict | None:
        """By its Job: a pod that waited for its run gets the run's id a moment after the claim."""
        job = self.job_of(run_id)
        pods = self.objects("pods", selector=f"batch.kubernetes.io/job-name={job['metadata']['name']}") if job else []
        assert len(pods) <= 1, f"run {run_id} has several pods"
        return pods[0] if pods else None

    @contextlib.contextmanager
    def cordoned(self):
        """No node takes a new pod."""
        nodes = [node["metadata"]["name"] for node in json.loads(self("get", "nodes", "-o", "json"))["items"]]
        self("cordon", *nodes)
        try:
            yield
        finally:
            self("uncordon", *nodes)

    @contextlib.contextmanager
    def impatient_controller(self, **environment: str):
        """The controller restarted so that it gives up a start after four seconds and a run after ten, and with other environment variables."""
        workload = json.loads(self("-n", SYSTEM, "get", self.workload("controller"), "-o", "json"))
        container = workload["spec"]["template"]["spec"]["containers"][0]
        before = {entry["name"]: entry.get("value") for entry in container["env"]}
        configuration = json.loads(self("-n", SYSTEM, "get", "configmap", "oneshot-config", "-o", "json"))["data"]["config.yaml"]
        impatient, changed = re.subn(r"(?m)^  start_timeout: .*$", "  start_timeout: 4s\n  queue_timeout: 10s", configuration)
        assert changed == 1, configuration
        try:
            self.restart_controller(impatient, environment)
            yield
        finally:
            self.restart_controller(configuration, {name: before.get(name) for name in environment})

    def restart_controller(self, configuration: str, environment: dict[str, str | None]) -> None:
        patch = json.dumps({"data": {"config.yaml": configuration}})
        self("-n", SYSTEM, "patch", "configmap", "oneshot-config", "--type=merge", "-p", patch)
        changes = [f"{name}-" if value is None else f"{name}={value}" for name, value in environment.items()]
        if changes:
            self("-n", SYSTEM, "set", "env", self.workload("controller"), *changes)
        self("-n", SYSTEM, "rollout", "restart", self.workload("controller"))
        self.wait_rolled_out("controller")

    def wait_rolled_out(self, component: str) -> None:
        self("-n", SYSTEM, "rollout", "status", self.workload(component), "--timeout=180s")
