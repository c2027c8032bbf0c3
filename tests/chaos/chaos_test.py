"""Two minutes of chaos with a fixed seed: every promise is kept while the parts of the system are killed, paused, cut off and filled."""

import pathlib
import subprocess
import sys

MINUTES, SEED = 2, 12


def test_two_minutes_break_no_promise():
    command = [sys.executable, str(pathlib.Path(__file__).parent / "main.py"), "--minutes", str(MINUTES), "--seed", str(SEED)]
    assert subprocess.run(command).returncode == 0, f"the same again: CHAOS_MINUTES={MINUTES} CHAOS_SEED={SEED} make chaos"
