"""The clock that a skewed program sees is off by what was asked for, at once, and its monotonic clock and its waits are not."""

import os
import subprocess
import sys

import pytest

import clocks

# For each line that it reads: the time of day, the monotonic clock, and how long a wait of 0.1 s took by it.
PROGRAM = """
import sys, threading, time
for _ in sys.stdin:
    begun = time.monotonic()
    threading.Event().wait(0.1)
    print(time.time(), time.monotonic(), time.monotonic() - begun, flush=True)
"""
TOLERANCE_SECONDS = 2  # of a busy machine


@pytest.fixture
def skewed(tmp_path):
    library, file = tmp_path / "clock.so", tmp_path / "clock"
    clocks.build(library)
    clocks.set_clock(file, 0)
    environment = os.environ | {"LD_PRELOAD": str(library), "CHAOS_CLOCK": str(file)}
    both = [
        subprocess.Popen([sys.executable, "-c", PROGRAM], env=each, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        for each in (environment, os.environ)
    ]

    def ask(seconds: float) -> tuple[float, float, float]:
        """How far its clocks are from another program's, and how long it waited."""
        clocks.set_clock(file, seconds)
        answers = []
        for program in both:
            program.stdin.write("\n")
        for program in both:
            answers.append([float(word) for word in program.stdout.readline().split()])
        return answers[0][0] - answers[1][0], answers[0][1] - answers[1][1], answers[0][2]

    yield ask
    for program in both:
        program.stdin.close()
        program.wait(timeout=10)


@pytest.mark.parametrize("seconds", [0, 30, -30, 7])
def test_a_skew_is_seen_at_once_and_only_by_the_time_of_day(skewed, seconds):
    for _ in range(2):
        day, monotonic, waited = skewed(seconds)
        assert abs(day - seconds) < TOLERANCE_SECONDS
        assert abs(monotonic) < TOLERANCE_SECONDS
        assert 0.09 < waited < TOLERANCE_SECONDS
        day, _, _ = skewed(0)
        assert abs(day) < TOLERANCE_SECONDS
