"""Cuts between two parts of the system, one way or both, for some seconds.

All parts share the loopback interface, so a cut names the client's processes and the server's port. The processes are put into a group of
net_cls, whose number the packet filter sees on their packets. A connection of theirs is marked, so that the answers are known as well. Each cut
is a table and a group of its own with a telling name: `undo` finds all of them, also those of a program that was killed.
"""

import contextlib
import pathlib
import re
import subprocess

TABLE = "oneshot_chaos"
GROUP = "oneshot-chaos"
CLASS = 0x4F530000  # the upper half is ours (“OS”), the lower one is the cut's number
OWN_MOUNT = pathlib.Path("/run/oneshot/chaos/net_cls")
PORTS = {"api-1": 8081, "api-2": 8081, "postgresql": 15432, "kube-apiserver": 6443, "etcd": 2379, "kubelet": 10250}


class CannotCut(Exception):
    """Says what the kernel or the machine lacks."""


def nft(*arguments: str, rules: str | None = None) -> str:
    try:
        done = subprocess.run(["nft", *arguments], input=rules, capture_output=True, text=True, timeout=20)
    except OSError as fault:
        raise CannotCut(f"nft: {fault.strerror}") from fault
    if done.returncode != 0:
        raise CannotCut(done.stderr.strip().splitlines()[0])
    return done.stdout


def net_cls() -> pathlib.Path | None:
    """Where the hierarchy is mounted."""
    for line in pathlib.Path("/proc/self/mounts").read_text().splitlines():
        _, place, kind, options, *_ = line.split()
        if kind == "cgroup" and "net_cls" in options.split(","):
            return pathlib.Path(place)
    return None


def mount_net_cls() -> pathlib.Path:
    if (place := net_cls()) is None:
        OWN_MOUNT.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(["mount", "-t", "cgroup", "-o", "net_cls", GROUP, OWN_MOUNT], capture_output=True, text=True)
        if done.returncode != 0:
            raise CannotCut(done.stderr.strip())
        place = OWN_MOUNT
    return place


def rules(number: int, server: str, direction: str) -> str:
    """The table of one cut. `there` is what the client sends, `back` what it is sent."""
    ours, port = CLASS + number, PORTS[server]
    address = f"127.0.0.{server[-1]}" if server.startswith("api-") else "127.0.0.0/8"
    lines = [f"oifname lo meta cgroup {ours} ip daddr {address} tcp dport {port} ct mark set {ours}"]
    if direction in ("both", "there"):
        lines.append(f"oifname lo meta cgroup {ours} ip daddr {address} tcp dport {port} drop")
    if direction in ("both", "back"):
        lines.append(f"oifname lo ip saddr {address} tcp sport {port} ct mark {ours} drop")
    chain = "\n".join(lines)
    # Before any other filter, after connections are known.
    return f"table ip {TABLE}_{number} {{\nchain output {{\ntype filter hook output priority -150; policy accept;\n{chain}\n}}\n}}\n"


def cut(number: int, clients: list[int], server: str, direction: str) -> None:
    group = mount_net_cls() / f"{GROUP}-{number}"
    group.mkdir(exist_ok=True)
    (group / "net_cls.classid").write_text(str(CLASS + number))
    for pid in clients:
        with contextlib.suppress(ProcessLookupError):
            (group / "cgroup.procs").write_text(str(pid))
    nft("-f", "-", rules=rules(number, server, direction))


def mend(number: int) -> None:
    nft("delete", "table", "ip", f"{TABLE}_{number}")
    if (place := net_cls()) is not None:
        empty(place / f"{GROUP}-{number}")


def empty(group: pathlib.Path) -> None:
    """Gives the processes back to the root of the hierarchy, and those that they have made meanwhile, and removes the group."""
    with contextlib.suppress(FileNotFoundError):
        while pids := (group / "cgroup.procs").read_text().split():
            for pid in pids:
                with contextlib.suppress(ProcessLookupError):
                    (group.parent / "cgroup.procs").write_text(pid)
        group.rmdir()


def undo() -> None:
    """Removes everything that any cut has ever left."""
    with contextlib.suppress(CannotCut):
        for name in re.findall(rf"table ip ({TABLE}_\d+)", nft("list", "tables")):
            nft("delete", "table", "ip", name)
    if (place := net_cls()) is not None:
        for group in place.glob(f"{GROUP}-*"):
            empty(group)
    if place == OWN_MOUNT:
        subprocess.run(["umount", OWN_MOUNT], check=True)
        OWN_MOUNT.rmdir()


def require() -> None:
    """Raises CannotCut if this machine cannot cut."""
    try:
        cut(0, [], "etcd", "both")
    finally:
        undo()
