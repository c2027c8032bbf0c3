"""Files that come with a run: its program finds them beside main.py, warm and cold, and cannot change them."""

import base64
import concurrent.futures
import hashlib
import json
import os

import pytest

from client import wait_until
from pool import LARGE, Pool, is_warm

pytestmark = pytest.mark.usefixtures("still_works")

SUM = "import hashlib, pathlib\nprint(hashlib.sha256(pathlib.Path('large.bin').read_bytes()).hexdigest())"


def as_bytes(path: str, content: bytes) -> dict[str, str]:
    return {"path": path, "content_b64": base64.b64encode(content).decode()}


@pytest.mark.parametrize("kind", ["warm", "cold"])
def test_a_program_reads_and_imports_them(api, kind: str):
    submission = {
        "source": "import pandas as pd, tools\nprint(tools.double(pd.read_csv('data/a.csv').x.sum()), open('raw', 'rb').read())",
        "files": [
            {"path": "data/a.csv", "content": "x,y\n1,2\n3,4\n"},
            {"path": "tools.py", "content": "def double(x): return 2 * x"},
            as_bytes("raw", b"\0\xff"),
        ],
    }
    run = Pool().run(lambda: api.run(**submission)) if kind == "warm" else api.run(**submission, limits=LARGE)
    assert is_warm(run) == (kind == "warm")
    assert (run["status"], run["stdout"], run["stderr"]) == ("succeeded", "8 b'\\x00\\xff'\n", "")
    assert run["files"] == [{"path": "data/a.csv", "bytes": 12}, {"path": "tools.py", "bytes": 27}, {"path": "raw", "bytes": 2}]
    submission = api.request("GET", f"/api/v1/runs/{run['id']}/submission").json()
    assert submission["files"][2] == as_bytes("raw", b"\0\xff")
    assert api.run(**submission)["stdout"] == run["stdout"]


def test_the_largest_come_whole_and_many_at_once(api):
    """More of them than the api and the controller may hold at a time: some clients are asked to come again, and all get their own."""
    contents = [os.urandom(8 * 1024 * 1024) for _ in range(8)]

    def submit(content: bytes) -> str:
        body = json.dumps({"source": SUM, "files": [as_bytes("large.bin", content)]}).encode()

        def accepted():
            answer = api.post(body, wait=60)
            assert answer.status in {201, 429, 503}, (answer.status, answer.body[:500])
            return answer.json()["id"] if answer.status == 201 else None

        return wait_until("the run is accepted", accepted)

    with concurrent.futures.ThreadPoolExecutor(len(contents)) as clients:
        ids = list(clients.map(submit, contents))
    for run_id, content in zip(ids, contents, strict=True):
        run = api.wait_ended(run_id)
        assert run["status"] == "succeeded", run
        assert api.output(run_id).decode() == hashlib.sha256(content).hexdigest() + "\n"


def test_what_is_too_much_is_refused_with_its_limit(api):
    too_much = api.post({"source": "", "files": [as_bytes("a", bytes(8 * 1024 * 1024 + 1))]})
    assert too_much.status == 413
    assert too_much.json()["errors"] == [
        {"pointer": "/files", "code": "too_large", "detail": "has 8388609 bytes; the limit is 8388608"}
    ]
    too_long = api.post({"source": "", "files": [as_bytes("a", bytes(10 * 1024 * 1024))]})
    assert (too_long.status, too_long.json()["code"]) == (413, "body_too_large")


def test_they_cannot_be_changed_and_do_not_count_as_scratch_space(api):
    change = "open('a', 'a').write('x')"
    run = api.run(change, files=[{"path": "a", "content": "x"}])
    assert run["status"] == "failed"
    assert "PermissionError" in run["stderr"]
    run = api.run(
        "import os; open(os.environ['TMPDIR'] + '/b', 'wb').write(bytes(700 * 1024)); print(open('a').read(1))",
        files=[{"path": "a", "content": "x" * 2**20}],
        limits={"scratch_mib": 1},
    )
    assert (run["status"], run["stdout"]) == ("succeeded", "x\n"), run


def test_hostile_paths_are_names_and_nothing_else(api):
    """Nothing of a path is taken for markup, a label, a command or SQL."""
    paths = ["<img src=x onerror=alert(1)>.csv", "'; DROP TABLE runs; --", "$(reboot)", "-rf", "\u202egnp.exe", "%2e%2e%2fx", "CON", "é" * 127]
    run = api.run("import os; print(*sorted(os.listdir()), sep='\\n')", files=[{"path": path, "content": ""} for path in paths])
    assert run["stdout"].splitlines() == sorted([*paths, "main.py"]), run
    assert [file["path"] for file in run["files"]] == paths
    for path in ["../x", "/dev/shm/x", "a/../../x", "main.py", "a\0b", "a\\b", ""]:
        answer = api.post({"source": "", "files": [{"path": path, "content": ""}]})
        assert answer.status == 422, path
        assert answer.json()["errors"][0]["pointer"] == "/files/0/path"
