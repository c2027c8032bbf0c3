"""Every program of examples/ does what its expected files say, run by the command a person would use."""

import os
import re
import subprocess
import sys

import pytest

from cluster import ROOT
from pool import Pool

EXAMPLES = ROOT / "examples"


def expected(name: str, kind: str) -> str:
    file = EXAMPLES / "expected" / f"{name}.{kind}"
    return file.read_text() if file.exists() else ""


def test_every_example_has_an_expectation():
    names = {file.stem for file in EXAMPLES.glob("*.py")}
    assert names == {file.stem for file in (EXAMPLES / "expected").glob("*.stdout")}
    assert names


@pytest.mark.parametrize("name", sorted(file.stem for file in EXAMPLES.glob("*.py")))
def test_example(api, name):
    standard_input = EXAMPLES / f"{name}.stdin"
    arguments = EXAMPLES / f"{name}.args"
    command = [ROOT / "scripts" / "submit"] + (["--stdin"] if standard_input.exists() else []) + [EXAMPLES / f"{name}.py"]
    command += arguments.read_text().split() if arguments.exists() else []
    done = subprocess.run(
        command, input=standard_input.read_text() if standard_input.exists() else "", capture_output=True, text=True, timeout=180
    )
    want_stderr = expected(name, "stderr")
    assert (done.stdout, done.stderr) == (expected(name, "stdout"), want_stderr)
    assert done.returncode == (1 if want_stderr else 0)


def test_the_figure_is_shown_where_it_is_asked_for(api):
    source = (EXAMPLES / "figure.py").read_text()
    run = Pool().run(lambda: api.run(source, display=1))
    assert (run["status"], run["stdout"], run["stderr"]) == ("succeeded", expected("figure", "stdout"), "")
    assert [(each["mime"], each["alt"]) for each in run["displays"]] == [("image/png", "A swing that comes to rest. time, s and height, m")]


def test_the_readmes_python_client_prints_what_it_says():
    client = re.search(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)[1]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "clients" / "python" / "src")}  # as if it were installed
    done = subprocess.run([sys.executable, "-c", client], capture_output=True, text=True, timeout=60, env=environment)
    assert (done.stdout, done.stderr) == ("succeeded 45\n\n", "")


def test_a_call_by_curl():
    done = subprocess.run(
        [
            "curl", "-s", "-XPOST", "localhost:8000/api/v1/runs?wait=30", "-H", "content-type: application/json",
            "-d", r'{"source":"import pandas as pd, scipy\nprint(pd.Series([1,2,3]).sum())"}',
        ],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert '"status":"succeeded"' in done.stdout, done.stdout
    assert r'"stdout":"6\n"' in done.stdout, done.stdout
