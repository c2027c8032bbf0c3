"""What processor time a run takes on the whole machine, and who takes it, beside a plain Job with the same program."""

import pathlib

from measure_throughput import run_many
from plain_jobs import NAMESPACE, PlainJobs
from running_system import LeftOut, Processes, System, program

PROGRAMS = ("kube-apiserver", "etcd", "kube-controller-manager", "kube-scheduler", "kubelet", "containerd", "oneshot-controller", "oneshot-api")


def busy_seconds() -> float:
    """Of all processors, whoever used them; not what the host took from this machine."""
    user, nice, system, _idle, _iowait, irq, softirq = map(int, pathlib.Path("/proc/stat").read_text().split()[1:8])
    return (user + nice + system + irq + softirq) / Processes.TICKS_PER_SECOND


def pod(system: System, jobs: PlainJobs | None) -> dict:
    if jobs is None:
        raise LeftOut("the benchmark has no namespace of its own")
    source, count = program("print_six"), system.count(full=60, quick=4)
    processes = {name: Processes(name) for name in PROGRAMS}
    told: dict = {"count": count}
    for what, do in (("run", lambda: run_many(system, source, count)), ("plain_job", lambda: jobs.timed_many(source, count))):
        system.controller.wait_idle()
        before, busy_before = {name: each.cpu_seconds() for name, each in processes.items()}, busy_seconds()
        do()
        system.controller.wait_idle()  # patching Jobs and refilling belong to what a run costs
        busy = busy_seconds() - busy_before
        spent = {name: each.cpu_seconds() - before[name] for name, each in processes.items()}
        # What is left is too short-lived to be asked: shims, the container runtime, network plugins, probes, and the programs themselves.
        spent["containers, and everything else"] = busy - sum(spent.values())
        spent["all of the machine"] = busy
        told[what] = {name: round(1000 * seconds / count, 1) for name, seconds in spent.items()}
    # Finished pods cost the node work, which later measures would pay for.
    system.kubectl("-n", NAMESPACE, "delete", "jobs", "--all", "--wait=true", "--cascade=foreground")
    return told
