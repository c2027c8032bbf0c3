"""Two minutes of chaos with a fixed seed: every promise is kept while the parts of the system are killed, cut off and restarted."""

import os
import pathlib
import subprocess

from embedded import needs_embedded_cluster

ROOT = pathlib.Path(__file__).resolve().parents[2]
FIXED = {"CHAOS_MINUTES": "2", "CHAOS_SEED": "18"}


@needs_embedded_cluster
def test_two_minutes_break_no_promise():
    done = subprocess.run(["scripts/chaos"], cwd=ROOT, env=os.environ | FIXED)
    assert done.returncode == 0, "the same again: " + " ".join(f"{name}={value}" for name, value in FIXED.items()) + " make chaos"
