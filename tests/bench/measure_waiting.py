"""What a pod costs that waits for a run: from its start until Python is ready, and in memory; restored from the snapshot and importing."""

import contextlib
import dataclasses
import json
import pathlib

from plain_jobs import NAMESPACE, PlainJobs
from running_system import LeftOut, System, wait_until
from samples import median

ROUNDS = 5
POD_COUNTS = (1, 10, 30)


@dataclasses.dataclass
class Interpreter:
    """The Python of a pod that waits, as /proc tells about it."""

    cpu_ms: float
    faults: int
    pss_mb: float
    own_mb: float


def interpreter_of(pid: int) -> Interpreter:
    folder = pathlib.Path(f"/proc/{pid}")
    fields = (folder / "stat").read_text().rpartition(")")[2].split()
    kib = {}
    for line in (folder / "smaps_rollup").read_text().splitlines()[1:]:
        name, value = line.split()[:2]
        kib[name] = int(value)
    # What is clean is the page cache's, also where only this process has it mapped.
    return Interpreter(
        cpu_ms=int((folder / "schedstat").read_text().split()[0]) / 1e6,
        faults=int(fields[7]),
        pss_mb=kib["Pss:"] * 1024 / 1e6,
        own_mb=kib["Private_Dirty:"] * 1024 / 1e6,
    )


def available_mb() -> float:
    lines = pathlib.Path("/proc/meminfo").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith("MemAvailable:"))


class WaitingPods:
    """Pods as those of waiting Jobs, in the benchmark's own namespace: the image's runner, with its stdin open."""

    def __init__(self, jobs: PlainJobs):
        self.jobs, self.kubectl = jobs, jobs.kubectl

    @contextlib.contextmanager
    def ready(self, count: int, snapshot: bool = True):
        """Their `ready` records, and their interpreters' process ids."""
        manifests = [self.manifest(snapshot) for _ in range(count)]
        names = {manifest["metadata"]["name"] for manifest in manifests}
        self.kubectl("create", "-f", "-", stdin="\n---\n".join(map(json.dumps, manifests)))
        try:
            wait_until("the pods run", lambda: len(self.running(names)) == count, 300)
            pods = self.running(names)
            records = [wait_until(f"{pod['metadata']['name']} is ready", lambda pod=pod: self.record_of(pod), 120) for pod in pods]
            yield records, [self.interpreter_in(pod) for pod in pods]
        finally:
            self.kubectl("-n", NAMESPACE, "delete", "jobs", *names, "--wait=true", "--cascade=foreground")

    def manifest(self, snapshot: bool) -> dict:
        manifest = self.jobs.manifest("")
        container = manifest["spec"]["template"]["spec"]["containers"][0]
        del container["command"]
        container["stdin"] = True
        container["resources"]["requests"]["cpu"] = "1m"  # so that thirty of them fit on a small node
        if not snapshot:
            container.setdefault("env", []).append({"name": "ONESHOT_SNAPSHOT", "value": ""})
        return manifest

    def running(self, names: set[str]) -> list[dict]:
        pods = self.kubectl.objects("pods", namespace=NAMESPACE)
        return [pod for pod in pods if pod["metadata"]["labels"]["job-name"] in names and pod["status"]["phase"] == "Running"]

    def record_of(self, pod: dict) -> dict | None:
        said = self.kubectl("-n", NAMESPACE, "logs", pod["metadata"]["name"]).splitlines()
        return json.loads(said[0]) if said else None

    def interpreter_in(self, pod: dict) -> int:
        """The runner's only child; a pod's processes have its id in the names of their cgroups."""
        uid = pod["metadata"]["uid"]
        for folder in pathlib.Path("/proc").iterdir():
            with contextlib.suppress(OSError, ValueError):
                if uid in (folder / "cgroup").read_text().replace("_", "-") and (folder / "comm").read_text() == "oneshot-runner\n":
                    return int((folder / "task" / folder.name / "children").read_text())
        raise LeftOut("the processes of the node cannot be seen from here")


def waiting(system: System, jobs: PlainJobs | None) -> dict:
    if jobs is None:
        raise LeftOut("the benchmark has no namespace of its own")
    pods = WaitingPods(jobs)
    told: dict = {"start": {}, "node": []}
    ways: dict[str, list[tuple[dict, Interpreter]]] = {"restored": [], "imported": []}
    for _ in range(system.count(full=ROUNDS, quick=1)):
        for way, found in ways.items():
            system.controller.wait_idle()
            with pods.ready(1, snapshot=way == "restored") as (records, pids):
                assert records[0].get("snapshot", "") == ("restored" if way == "restored" else ""), records[0]
                found.append((records[0], interpreter_of(pids[0])))
    for way, found in ways.items():
        told["start"][way] = {
            "modules": len(found[0][0]["preloaded"]),
            "ready_ms": median([record["preload_ms"] for record, _ in found]),
            **{field.name: median([getattr(each, field.name) for _, each in found]) for field in dataclasses.fields(Interpreter)},
        }
    for count in POD_COUNTS[: system.count(full=len(POD_COUNTS), quick=1)]:
        system.controller.wait_idle()
        before = available_mb()
        with pods.ready(count) as (_, pids):
            interpreters = [interpreter_of(pid) for pid in pids]
            told["node"].append({
                "pods": count,
                "pss_mb_each": median([each.pss_mb for each in interpreters]),
                "own_mb_each": median([each.own_mb for each in interpreters]),
                # With everything that Kubernetes keeps for a pod, such as its sandbox and shim.
                "available_mb_less_each": round((before - available_mb()) / count, 1),
            })
    return told
