"""`python3 FILE` on this machine with the very packages of the run image: what a run is compared with."""

import hashlib
import os
import subprocess
import time

from running_system import PROGRAMS, ROOT, STATE, LeftOut

REQUIREMENTS = ROOT / "images" / "python" / "requirements.txt"
VENV = STATE / "bench-venv"


class LocalPython:
    def __init__(self, image_version: str):
        self.program = VENV / "bin" / "python3"
        wanted = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
        stamp = VENV / "requirements.sha256"
        if not stamp.exists() or stamp.read_text() != wanted:
            install()
            stamp.write_text(wanted)
        self.version = subprocess.run([self.program, "-V"], capture_output=True, text=True, check=True).stdout.split()[1]
        if self.version.rpartition(".")[0] != image_version.rpartition(".")[0]:
            raise LeftOut(f"local python3 is {self.version}, the image's {image_version}: not the same program")
        # As the run's Job sets them: one core, one thread. Without them the local imports would start threads first.
        self.environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}

    def timed_run(self, name: str) -> tuple[float, str]:
        """Seconds from starting the process to its end, and what it printed."""
        begun = time.perf_counter()
        result = subprocess.run(
            [self.program, PROGRAMS / f"{name}.py"], env=self.environment, capture_output=True, text=True, check=True
        )
        return time.perf_counter() - begun, result.stdout


def install() -> None:
    print(f"    installing the image's packages into {VENV.relative_to(ROOT)}", flush=True)
    commands = [
        ["/usr/bin/python3", "-m", "venv", "--clear", VENV],
        [VENV / "bin" / "pip", "install", "--quiet", "--only-binary", ":all:", "--require-hashes", "-r", REQUIREMENTS],
    ]
    for command in commands:
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            raise LeftOut(f"local python3 with the image's packages: {(done.stderr or done.stdout).strip()[-300:]}")
