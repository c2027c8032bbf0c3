"""Skews the clock that one controller sees: a small library is preloaded into both, and reads from a file how far it is off.

A time namespace would not do, because the kernel has none for the time of day; Debian's libfaketime (0.9.10) also touches waits, and breaks some.
"""

import json
import pathlib
import shutil
import struct
import subprocess

from cluster import SYSTEM, Kubectl

SOURCE = pathlib.Path(__file__).parent / "skewed_clock.c"
FOLDER = pathlib.Path("/run/oneshot/chaos/clock")
CONTROLLERS = ("controller-1", "controller-2")
VOLUME = "chaos-clock"
ENVIRONMENT = {"LD_PRELOAD": "/chaos/clock.so", "CHAOS_CLOCK": "/chaos/$(ONESHOT_POD_NAME)"}


def build(library: pathlib.Path) -> None:
    subprocess.run(["gcc", "-shared", "-fPIC", "-O2", "-Wall", "-Wextra", "-Werror", "-o", library, SOURCE], check=True, capture_output=True)


def set_clock(file: pathlib.Path, seconds: float) -> None:
    """In place, because the file is mapped."""
    with open(file, "r+b" if file.exists() else "wb") as opened:
        opened.write(struct.pack("=q", int(seconds * 1e9)))


def set_skew(controller: str, seconds: float) -> None:
    set_clock(FOLDER / controller, seconds)


def patch(kubectl: Kubectl, volumes: list, mounts: list, environment: list) -> None:
    container = {"name": "controller", "volumeMounts": mounts, "env": environment}
    template = {"spec": {"template": {"spec": {"volumes": volumes, "containers": [container]}}}}
    kubectl("-n", SYSTEM, "patch", kubectl.workload("controller"), "--type=strategic", "-p", json.dumps(template))
    kubectl.wait_rolled_out("controller")


def make(kubectl: Kubectl) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    build(FOLDER / "clock.so")
    for controller in CONTROLLERS:
        set_skew(controller, 0)
    patch(
        kubectl,
        [{"name": VOLUME, "hostPath": {"path": str(FOLDER), "type": "Directory"}}],
        [{"name": VOLUME, "mountPath": "/chaos", "readOnly": True}],
        [{"name": name, "value": value} for name, value in ENVIRONMENT.items()],
    )


def undo(kubectl: Kubectl) -> None:
    if not FOLDER.exists():
        return
    patch(
        kubectl,
        [{"name": VOLUME, "$patch": "delete"}],
        [{"mountPath": "/chaos", "$patch": "delete"}],
        [{"name": name, "$patch": "delete"} for name in ENVIRONMENT],
    )
    shutil.rmtree(FOLDER)
