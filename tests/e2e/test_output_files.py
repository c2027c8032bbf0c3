"""Files that a program leaves come back as it wrote them, however it ended; and nothing else does."""

import concurrent.futures
import hashlib
import json

import pytest

pytestmark = pytest.mark.usefixtures("still_works")

SCRATCH = {"scratch_mib": 32}


def fetched(api, file: dict) -> bytes:
    answer = api.request("GET", file["url"])
    assert answer.status == 200, answer
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment; ")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert len(answer.body) == file["bytes"]
    again = api.request("GET", file["url"], headers={"if-none-match": answer.headers["etag"]})
    assert (again.status, again.body) == (304, b"")
    return answer.body


def files_of(api, run: dict) -> dict[str, bytes]:
    return {file["path"]: fetched(api, file) for file in run["output_files"]}


def test_what_people_write_comes_back(api):
    run = api.run(
        "import os, pandas as pd, matplotlib.pyplot as plt\n"
        "table = pd.read_csv('in.csv')\n"
        "table.assign(y=table.x ** 2).to_csv('squares.csv', index=False)\n"
        "plt.plot(table.x)\n"
        "plt.savefig(os.environ['ONESHOT_OUTPUT'] + '/line.png')\n"
        "plt.show()\n"
        "print(sorted(os.listdir()))",
        files=[{"path": "in.csv", "content": "x\n1\n2\n"}],
        outputs=["*.csv"],
        display=True,
        limits=SCRATCH,
    )
    assert (run["status"], run["stderr"]) == ("succeeded", ""), run
    files = files_of(api, run)
    assert sorted(files) == ["line.png", "squares.csv"]
    assert files["squares.csv"] == b"x,y\n1,1\n2,4\n"
    assert files["line.png"].startswith(b"\x89PNG")
    assert len(run["displays"]) == 1
    assert run["dropped_output_files"] == 0
    submission = api.request("GET", f"/api/v1/runs/{run['id']}/submission").json()
    assert submission["outputs"] == ["*.csv"]
    share = api.request("POST", "/api/v1/shares", json.dumps({"run_id": run["id"]}).encode(), {"content-type": "application/json"}).json()
    shared = api.request("GET", f"/api/v1/shares/{share['id']}").json()["run"]
    assert files_of(api, shared) == files


@pytest.mark.parametrize(
    ("end", "status"),
    [
        ("raise SystemExit(3)", "failed"),
        ("while True: pass", "timed_out"),
        ("import os; os.kill(os.getpid(), 11)", "failed"),
        ("x = bytearray(2 ** 30)", "out_of_memory"),
    ],
)
def test_what_was_written_before_a_bad_end_comes_back(api, end: str, status: str):
    run = api.run(f"open('a.csv', 'w').write('so far')\n{end}", outputs=["*.csv"], limits={**SCRATCH, "wall_seconds": 2})
    assert run["status"] == status, run
    assert files_of(api, run) == {"a.csv": b"so far"}


def test_a_program_that_fills_all_memory_ends_as_itself(api):
    """The runner has to find room for what it reads: the program leaves as much as its memory holds, and nothing of its own."""
    run = api.run(
        "import os\n"
        "open('a', 'wb').write(bytes(8 * 2 ** 20 - 4096))\n"
        "os.execv('/bin/dd', ['dd', 'if=/dev/zero', 'of=rest', 'bs=65536', 'count=800', 'status=none'])",
        outputs=["a", "rest"],
        limits={"scratch_mib": 64, "memory_mib": 64},
    )
    assert run["status"] in {"succeeded", "out_of_memory"}, run
    assert (run["attempt"], run["interruptions"]) == (1, [])
    assert [file["path"] for file in run["output_files"]] == ["a"]
    assert run["dropped_output_files"] == 1


def test_nothing_but_what_the_program_wrote_comes_back(api):
    run = api.run(
        "import os, subprocess\n"
        "out = os.environ['ONESHOT_OUTPUT']\n"
        "for name, target in {'passwd': '/etc/passwd', 'environ': '/proc/1/environ', 'etc': '/etc', 'root': '/'}.items():\n"
        "    os.symlink(target, f'{out}/{name}')\n"
        "os.mkfifo(out + '/pipe')\n"
        "os.truncate(os.open(out + '/sparse', os.O_CREAT | os.O_WRONLY), 30 * 2 ** 20)\n"
        "for name in (b'<img src=x onerror=alert(1)>', b'\\xff', b'a\\nb', b'..\\\\x'):\n"
        "    open(out.encode() + b'/' + name, 'w').write('x')\n"
        "subprocess.Popen(['/bin/sh', '-c', f'while :; do ln -sf /etc/passwd {out}/p; mv {out}/p {out}/late; rm {out}/late; done'])\n",
        outputs=["**"],
        limits=SCRATCH,
    )
    assert run["status"] == "succeeded", run
    assert files_of(api, run) == {"<img src=x onerror=alert(1)>": b"x"}
    assert run["dropped_output_files"] == 4
    answer = api.request("GET", run["output_files"][0]["url"])
    assert "<" not in answer.headers["content-disposition"]


def test_the_largest_come_whole_from_many_at_once(api):
    source = (
        "import hashlib, os\ncontent = os.urandom(8 * 2 ** 20)\nopen('large.bin', 'wb').write(content)\nprint(hashlib.sha256(content).hexdigest())"
    )
    with concurrent.futures.ThreadPoolExecutor(4) as clients:
        runs = list(clients.map(lambda _: api.run(source, outputs=["large.bin"], limits=SCRATCH), range(4)))
    for run in runs:
        assert (run["status"], run["attempt"]) == ("succeeded", 1), run
        assert hashlib.sha256(fetched(api, run["output_files"][0])).hexdigest() == run["stdout"].strip()


def test_bad_patterns_are_refused_by_name(api):
    for pattern in ("/etc/*", "../*", "", "a\0b", "a\nb"):
        answer = api.post({"source": "", "outputs": ["fine", pattern], "limits": SCRATCH})
        assert answer.status == 422, pattern
        assert answer.json()["errors"][0]["pointer"] == "/outputs/1"
    answer = api.post({"source": "", "outputs": ["*.csv"]})
    assert (answer.status, answer.json()["errors"][0]["pointer"]) == (422, "/limits/scratch_mib")
