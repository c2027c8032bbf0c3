"""kubectl as the administrator, and the few ways in which the tests disturb the cluster on purpose."""

import contextlib
import json
import os
import pathlib
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

    def job_of(self, run_id: str) -> dict | None:
        jobs = self.objects("jobs", selector=f"oneshot.dev/run-id={run_id}")
        assert len(jobs) <= 1, f"run {run_id} has several Jobs: {[job['metadata']['name'] for job in jobs]}"
        return jobs[0] if jobs else None

    def pod_of(self, run_id: str) -> dict | None:
        pods = self.objects("pods", selector=f"oneshot.dev/run-id={run_id}")
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
    def controller_with(self, **environment: str):
        """The controller restarted with other environment variables, and with its own again afterwards."""
        deployment = json.loads(self("-n", SYSTEM, "get", "deployment", "controller", "-o", "json"))
        container = deployment["spec"]["template"]["spec"]["containers"][0]
        before = {entry["name"]: entry.get("value") for entry in container["env"]}
        self.set_controller_environment(environment)
        try:
            yield
        finally:
            self.set_controller_environment({name: before.get(name) for name in environment})

    def set_controller_environment(self, environment: dict[str, str | None]) -> None:
        changes = [f"{name}-" if value is None else f"{name}={value}" for name, value in environment.items()]
        self("-n", SYSTEM, "set", "env", "deployment/controller", *changes)
        self("-n", SYSTEM, "rollout", "status", "deployment/controller", "--timeout=180s")
