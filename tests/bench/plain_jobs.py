"""Plain Kubernetes Jobs with the same program: what Oneshot is compared with.

Each has the pod of a run's own Job (image, resources, security, no token, no volumes) with `python3 -c PROGRAM` in place of the
runner, so that it is as fast as such a Job can be. They live in a namespace of their own, because only the controller may
create Jobs in `oneshot-runs`.
"""

import contextlib
import copy
import json
import subprocess
import time

from running_system import Kubectl, System, wait_until

NAMESPACE = "oneshot-bench"
DEADLINE_SECONDS = 600  # what has not ended by then has failed


class PlainJobs:
    def __init__(self, kubectl: Kubectl, pod_spec: dict):
        self.kubectl = kubectl
        self.pod_spec = pod_spec
        self.made = 0

    @classmethod
    @contextlib.contextmanager
    def in_namespace(cls, system: System):
        """`with` them: the namespace is there, and gone with everything in it afterwards."""
        kubectl = system.kubectl
        run = system.site.timed_run("print(6)")[1]
        pod_spec = wait_until("the example run's Job can be seen", lambda: kubectl.job_of(run["id"]))["spec"]["template"]["spec"]
        kubectl("delete", "namespace", NAMESPACE, "--ignore-not-found", "--wait=true")
        kubectl("create", "namespace", NAMESPACE)
        try:
            pod_spec.pop("priorityClassName", None)
            jobs = cls(kubectl, pod_spec)
            wait_until("the namespace has its service account", jobs.has_service_account)
            yield jobs
        finally:
            kubectl("delete", "namespace", NAMESPACE, "--wait=true")

    def has_service_account(self) -> bool:
        return bool(self.kubectl("-n", NAMESPACE, "get", "serviceaccount", "default", "--ignore-not-found", "-o", "name"))

    def manifest(self, source: str) -> dict:
        self.made += 1
        pod_spec = copy.deepcopy(self.pod_spec)
        container = pod_spec["containers"][0]
        container["command"] = ["python3", "-c", source]
        container["stdin"] = False
        return {
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": {"name": f"plain-{self.made}", "namespace": NAMESPACE},
            "spec": {"backoffLimit": 0, "activeDeadlineSeconds": DEADLINE_SECONDS, "template": {"spec": pod_spec}},
        }

    def timed_run(self, source: str) -> tuple[float, str]:
        """Seconds for what a person would type: create, wait for `complete`, read the log."""
        manifest = self.manifest(source)
        job = f"job/{manifest['metadata']['name']}"
        begun = time.perf_counter()
        self.kubectl("create", "-f", "-", stdin=json.dumps(manifest))
        self.kubectl("-n", NAMESPACE, "wait", "--for=condition=complete", job, f"--timeout={DEADLINE_SECONDS}s")
        printed = self.kubectl("-n", NAMESPACE, "logs", job)
        return time.perf_counter() - begun, printed

    def timed_many(self, source: str, count: int) -> dict:
        """From before the first is created to the last one's end, told by one watch."""
        manifests = [self.manifest(source) for _ in range(count)]
        waiting = {manifest["metadata"]["name"] for manifest in manifests}
        succeeded = 0
        columns = "custom-columns=NAME:.metadata.name,DONE:.status.completionTime,FAILED:.status.failed"
        watch = subprocess.Popen(
            [self.kubectl.program, "-n", NAMESPACE, "get", "jobs", "--watch", "--no-headers", "-o", columns],
            env=self.kubectl.environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            begun = time.perf_counter()
            self.kubectl("create", "-f", "-", stdin="\n---\n".join(map(json.dumps, manifests)))
            for line in watch.stdout:
                name, done, failed = line.split()
                if name in waiting and (done != "<none>" or failed not in ("<none>", "0")):
                    waiting.remove(name)
                    succeeded += done != "<none>"
                if not waiting:
                    break
            seconds = time.perf_counter() - begun
        finally:
            watch.terminate()
            watch.wait()
        assert not waiting, f"the watch ended before {len(waiting)} plain Jobs had"
        return {"count": count, "succeeded": succeeded, "seconds": round(seconds, 2), "per_second": round(succeeded / seconds, 2)}
