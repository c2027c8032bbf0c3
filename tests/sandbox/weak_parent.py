"""Runs in a weakened pod, where it stands for the runner and guards nothing. Starts each probe and prints what it said, a JSON array
of two texts for each: its name, and its output."""

import ctypes
import json
import os
import subprocess
import sys
import tempfile
import time

MS_REMOUNT, MS_BIND = 0x20, 0x1000
DEADLINE_SECONDS = 30
LONGEST = 2000

# What a careless parent leaves open.
LEFT_OPEN = os.open("/etc/passwd", os.O_RDONLY)


def output_of(source: str, watch_seconds: float) -> str:
    with tempfile.TemporaryFile() as output:
        child = subprocess.Popen(
            [sys.executable, "-c", source],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            pass_fds=[LEFT_OPEN],
            start_new_session=True,
        )
        try:
            child.wait(DEADLINE_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
        time.sleep(watch_seconds)
        output.seek(0)
        return output.read(LONGEST).decode(errors="replace")


with open("/proc/self/mounts", "rb") as mounts:
    for path in (line.split()[1] for line in mounts):
        if path.startswith((b"/proc", b"/sys")):  # what the container runtime has made read-only
            ctypes.CDLL(None).mount(None, path, None, MS_REMOUNT | MS_BIND, None)
with open(sys.argv[1], encoding="utf-8") as tasks:
    for task in json.load(tasks):
        print(json.dumps([task["name"], output_of(task["source"], task["watch_seconds"])]), flush=True)
