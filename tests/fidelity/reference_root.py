"""Runs main.py by the machine's own python3, with nothing of Oneshot about it but the same surroundings.

Started as root by reference.py, as PID 1 of fresh mount, PID, network and IPC namespaces; the argument is a JSON object.
The root is read-only and holds this machine's /usr and /etc, the pinned packages where the image has them, and /code with
main.py. The program is nobody, may write nothing, and has the environment and resource limits of a run. So what such
a machine makes of a program is equal by itself, and hardly anything has to be normalised afterwards.
"""

import ctypes
import json
import os
import resource
import signal
import sys
import time

NOBODY = 65534
LEFT_BEHIND_SECONDS = 0.15  # what the runner gives to processes that outlive the main one

MS_RDONLY, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 1, 32, 4096, 16384, 1 << 18
PR_SET_NO_NEW_PRIVS = 38

libc = ctypes.CDLL(None, use_errno=True)


def mount(source: str, target: str, kind: str = "", flags: int = 0, options: str = "") -> None:
    if libc.mount(source.encode(), target.encode(), kind.encode(), flags, options.encode()) != 0:
        raise OSError(ctypes.get_errno(), f"mount {source} on {target}")


def put(source: str, target: str) -> None:
    os.makedirs(target, exist_ok=True)
    mount(source, target, flags=MS_BIND | MS_REC)


def build_root(root: str, packages: str, matplotlib: str, source: bytes, has_scratch: bool) -> None:
    mount("none", "/", flags=MS_REC | MS_PRIVATE)
    mount("tmpfs", root, "tmpfs", options="mode=755")
    for folder in ("usr", "etc", "dev"):
        put(f"/{folder}", f"{root}/{folder}")
        if folder != "dev":
            mount("none", f"{root}/{folder}", flags=MS_REMOUNT | MS_BIND | MS_RDONLY)
    for link in ("bin", "sbin", "lib", "lib32", "lib64", "libx32"):
        if os.path.islink(f"/{link}"):
            os.symlink(os.readlink(f"/{link}"), f"{root}/{link}")
    for folder in ("proc", "code", "tmp", "var/tmp"):
        os.makedirs(f"{root}/{folder}")
    mount("proc", f"{root}/proc", "proc")
    for empty in ("usr/local", "usr/lib/python3/dist-packages"):
        mount("tmpfs", f"{root}/{empty}", "tmpfs", options="mode=755")
    # As in a run, the program's folder and /dev/shm are one. Unwritable means here: for want of rights, not read-only.
    mount("tmpfs", f"{root}/dev/shm", "tmpfs", options="mode=1777" if has_scratch else "mode=755")
    put(f"{root}/dev/shm", f"{root}/code")
    put(packages, f"{root}/usr/local/lib/python3.11/dist-packages")
    put(matplotlib, f"{root}/usr/local/share/oneshot/matplotlib")
    with open(f"{root}/code/main.py", "wb") as file:
        file.write(source)
    mount("none", root, flags=MS_REMOUNT | MS_BIND | MS_RDONLY)


def become_program(wanted: dict) -> None:
    for stream in (0, 1, 2):
        os.fchown(stream, NOBODY, NOBODY)  # or /dev/stdout could not be opened by name
    os.setsid()
    os.setpriority(os.PRIO_PROCESS, 0, 0)
    os.chroot(wanted["root"])
    os.chdir("/code")
    for name, pair in wanted["limits"].items():
        resource.setrlimit(getattr(resource, name), tuple(pair))
    os.setgroups([NOBODY])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    os.umask(0o022)
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_DFL)  # a shell's background job ignores SIGINT, and hands that down
    os.closerange(3, 1024)
    os.execvpe("python3", ["python3", "main.py", *wanted["args"]], wanted["environment"])


def main() -> None:
    wanted = json.loads(sys.argv[1])
    with open(wanted["source"], "rb") as file:
        source = file.read()
    build_root(wanted["root"], wanted["packages"], wanted["matplotlib"], source, wanted["has_scratch"])
    program = os.fork()
    if program == 0:
        become_program(wanted)
    while True:
        ended, status = os.wait()
        if ended == program:
            break
    os.write(wanted["status_descriptor"], b"%d" % os.waitstatus_to_exitcode(status))
    deadline = time.monotonic() + LEFT_BEHIND_SECONDS
    try:
        while time.monotonic() < deadline:
            if os.waitpid(-1, os.WNOHANG) == (0, 0):
                time.sleep(0.01)
    except ChildProcessError:
        pass  # nobody is left; otherwise the end of PID 1 is theirs


if __name__ == "__main__":
    main()
