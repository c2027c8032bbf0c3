"""Skews the clock that one controller sees: Debian's libfaketime is loaded into both, and reads from a file how far it is off.

A time namespace would not do, because the kernel has none for the time of day. The monotonic clock stays right, as it does when somebody sets
a machine's clock.
"""

import json
import pathlib
import shutil

from cluster import SYSTEM, Kubectl

FOLDER = pathlib.Path("/run/oneshot/chaos/clock")
LIBRARY = "libfaketimeMT.so.1"
VOLUME = "chaos-clock"
ENVIRONMENT = {
    "LD_PRELOAD": f"/chaos/{LIBRARY}",
    "FAKETIME_TIMESTAMP_FILE": "/chaos/$(ONESHOT_POD_NAME)",
    "FAKETIME_CACHE_DURATION": "1",  # seconds until a change of the file is seen
    "FAKETIME_DONT_FAKE_MONOTONIC": "1",
}


class CannotSkew(Exception):
    """Says what is missing."""


def library() -> pathlib.Path:
    found = sorted(pathlib.Path("/usr/lib").glob(f"*/faketime/{LIBRARY}"))
    if not found:
        raise CannotSkew("libfaketime is not installed")
    return found[0]


def set_skew(controller: str, seconds: str) -> None:
    """`seconds` has a sign. The file is replaced as a whole, because it is read at any moment."""
    new = FOLDER / f"{controller}.new"
    new.write_text(f"{seconds}\n")
    new.rename(FOLDER / controller)


def patch(kubectl: Kubectl, volumes: list, mounts: list, environment: list) -> None:
    container = {"name": "controller", "volumeMounts": mounts, "env": environment}
    template = {"spec": {"template": {"spec": {"volumes": volumes, "containers": [container]}}}}
    kubectl("-n", SYSTEM, "patch", kubectl.workload("controller"), "--type=strategic", "-p", json.dumps(template))
    kubectl.wait_rolled_out("controller")


def make(kubectl: Kubectl) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    shutil.copy(library(), FOLDER / LIBRARY)
    for controller in ("controller-1", "controller-2"):
        set_skew(controller, "+0")
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
