"""A program's outcome by the machine's own python3: the control that runs are compared with."""

import fcntl
import hashlib
import importlib.util
import json
import os
import pathlib
import re
import shutil
import subprocess
import sysconfig
import tempfile

from outcome import Outcome

ROOT = pathlib.Path(__file__).resolve().parents[2]
STATE = ROOT / ".oneshot" / "fidelity"
PYTHON = "/usr/bin/python3"
REQUIREMENTS = ROOT / "images" / "python" / "requirements.txt"
TEST_PACKAGE = "libpython3.11-testsuite"

# What the runner sets (images/python/runner/sandbox.cpp and interpreter.cpp) and the image's Dockerfile.
LIMITS = {"RLIMIT_CORE": (0, 0), "RLIMIT_NOFILE": (1024, 1024), "RLIMIT_STACK": (8 << 20, 8 << 20), "RLIMIT_MEMLOCK": (0, 0),
          "RLIMIT_MSGQUEUE": (0, 0)}
ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LANG": "C.UTF-8",
    "MPLBACKEND": "agg",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "MPLCONFIGDIR": "/usr/local/share/oneshot/matplotlib",
    "HOME": "/code",
    "PWD": "/code",
}
NUMERIC = re.compile(r"^\s*(import|from) .*\b(numpy|pandas|scipy)\b", re.MULTILINE)


def level_of_the_snapshot() -> dict[str, str]:
    """The image's snapshot is held to x86-64-v3, and with AVX-512 the last digits of products and sums are others."""
    spec = importlib.util.spec_from_file_location("cpu_level", ROOT / "images/python/snapshot/cpu_level.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.V3_ENVIRONMENT


def as_root(*command: str) -> list[str]:
    return list(command) if os.geteuid() == 0 else ["sudo", "-n", *command]


def version() -> str:
    asked = [PYTHON, "-c", "import platform; print(platform.python_version())"]
    return subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip()


def checked(*command: str, **rest) -> None:
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **rest)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stdout}"


def made_once(name: str, make) -> pathlib.Path:
    """STATE/name, made by make(folder) where it is missing; a half-made one never gets that name."""
    STATE.mkdir(parents=True, exist_ok=True)
    folder = STATE / name
    with open(STATE / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            unfinished = STATE / f"{name}.unfinished"
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir()
            make(unfinished)
            unfinished.rename(folder)
    return folder


def packages() -> pathlib.Path:
    """The folder with exactly the packages of the image, from the same hashes."""

    def install(folder: pathlib.Path) -> None:
        checked(PYTHON, "-m", "venv", str(folder / "venv"))
        checked(str(folder / "venv/bin/python"), "-m", "pip", "install", "--quiet", "--no-cache-dir", "--disable-pip-version-check",
                "--only-binary", ":all:", "--require-hashes", "-r", str(REQUIREMENTS))

    pinned = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()[:12]
    venv = made_once(f"packages-{pinned}", install) / "venv"
    return pathlib.Path(sysconfig.get_path("purelib", "venv", {"base": str(venv), "platbase": str(venv)}))


def test_modules() -> pathlib.Path:
    """CPython's own tests as Debian packages them; unpacked here, not installed."""

    def unpack(folder: pathlib.Path) -> None:
        checked("apt-get", "download", TEST_PACKAGE, cwd=folder)
        checked("dpkg-deb", "--extract", str(next(folder.glob("*.deb"))), str(folder))

    return made_once(TEST_PACKAGE, unpack) / "usr/lib/python3.11/test"


class Reference:
    def __init__(self, cpu_level: bool):
        """`cpu_level`: whether the runs come from the image's snapshot, see cpu_level.py."""
        self.level = level_of_the_snapshot() if cpu_level else {}
        self.packages = packages()
        self.matplotlib = made_once("matplotlib", lambda folder: folder.chmod(0o777))
        self.mount_point = made_once("root", lambda folder: None)
        self.run("import matplotlib.font_manager")  # writes its list of fonts, for all that follow

    def run(self, source: str, stdin: str = "", args: tuple[str, ...] = (), has_scratch: bool = False) -> Outcome:
        environment = dict(ENVIRONMENT)
        if NUMERIC.search(source):
            environment |= self.level
        if has_scratch:
            environment["TMPDIR"] = "/dev/shm"
        read_end, write_end = os.pipe()
        with tempfile.NamedTemporaryFile(suffix=".py") as file, open(read_end) as status:
            file.write(source.encode())
            file.flush()
            wanted = {
                "source": file.name, "args": args, "root": str(self.mount_point), "packages": str(self.packages),
                "matplotlib": str(self.matplotlib), "limits": LIMITS, "status_descriptor": write_end,
                "has_scratch": has_scratch, "environment": environment,
            }
            command = as_root("unshare", "--mount", "--pid", "--net", "--ipc", "--fork", "--kill-child", PYTHON, "-I", "-S",
                              str(pathlib.Path(__file__).with_name("reference_root.py")), json.dumps(wanted))
            try:
                done = subprocess.run(command, input=stdin.encode(), capture_output=True, pass_fds=[write_end], timeout=600)
            finally:
                os.close(write_end)
            told = status.read()
        assert told, f"the reference could not be run: {done.stderr.decode(errors='replace')}"
        code = int(told)
        return Outcome(done.stdout, done.stderr, code if code >= 0 else None, -code if code < 0 else None)
