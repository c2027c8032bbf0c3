"""The Python client and its command against the whole system: clients/python tests everything that a scripted site can show."""

import asyncio
import contextlib
import json
import os
import pty
import select
import signal
import socket
import subprocess
import sys
import threading
import urllib.parse

import pytest

from client import DEADLINE_SECONDS, site_from_environment, wait_until
from cluster import ROOT

sys.path.insert(0, str(ROOT / "clients/python/src"))
import oneshot

COMMAND = ROOT / "scripts/submit"
BYTES = r'import os, sys; os.write(1, b"1\n\xff\x00\x1b[31mA\xc3"); os.write(2, b"\xfe"); sys.exit(3)'
NUMBERED = """
import sys, time
for n in range(300):
    print("line", n, flush=True)
    print("é", file=sys.stderr, flush=True)
    time.sleep(0.01)
"""
LIVE = "import time\nprint('first', flush=True)\ntime.sleep(3)\nprint('second')"


@pytest.fixture
def site(api) -> oneshot.Client:  # `api` waits until the site is ready
    return oneshot.Client(site_from_environment(), wait_timeout=DEADLINE_SECONDS)


@pytest.fixture
def async_site(api) -> oneshot.AsyncClient:
    return oneshot.AsyncClient(site_from_environment(), wait_timeout=DEADLINE_SECONDS)


class CuttingProxy:
    """Stands between a client and the site, and cuts each connection of a list after so many bytes of its answer; later ones are whole."""

    def __init__(self, *cuts: int):
        self.left = list(cuts)
        self.connections = 0
        parts = urllib.parse.urlsplit(site_from_environment())
        self.site = (parts.hostname, parts.port or 80)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.thread = threading.Thread(target=self.serve)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)  # which ends accept
        self.thread.join()
        self.listener.close()

    def serve(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            with client, socket.create_connection(self.site) as site, contextlib.suppress(OSError):
                site.sendall(client.recv(65536))  # these requests are small
                self.pass_on(site, client, self.left.pop(0) if self.left else sys.maxsize)

    def pass_on(self, site: socket.socket, client: socket.socket, count: int) -> None:
        while count > 0 and (part := site.recv(min(count, 4096))):
            client.sendall(part)
            count -= len(part)


def submit(*arguments, stdin: bytes = b"") -> subprocess.CompletedProcess:
    environment = {**os.environ, "ONESHOT_URL": site_from_environment()}
    return subprocess.run([COMMAND, *arguments], input=stdin, capture_output=True, env=environment, timeout=DEADLINE_SECONDS)


def test_a_program_gets_what_it_is_given(site):
    run = site.run(
        "import sys\nprint(sys.argv[1:], repr(input()), open(__import__('tempfile').mkstemp()[1]).read())",
        args=["-a", "é"],
        stdin="línea\n",
        limits=oneshot.Limits(wall_seconds=20, scratch_mib=1),
    )
    assert (run.status, run.exit_code, run.stderr) == ("succeeded", 0, "")
    assert run.stdout == "['-a', 'é'] 'línea' \n"
    assert (run.limits.wall_seconds, run.limits.scratch_mib) == (20, 1)
    assert run.finished_at >= run.started_at >= run.created_at


def test_files_are_found_beside_the_program(site):
    if "files" not in site.environment().raw["limits"]:
        pytest.skip("this installation takes no files")
    files = {"tools.py": "def double(x): return 2 * x", "data/x.bin": b"\xff\x00"}
    run = site.run("import tools; print(tools.double(open('data/x.bin', 'rb').read()))", files=files)
    assert run.stdout == "b'\\xff\\x00\\xff\\x00'\n"
    assert site.submission(run.id).files == files


def test_files_come_back_and_the_command_saves_them(site, tmp_path):
    if "output_files" not in site.environment().raw["limits"]:
        pytest.skip("no files come back from this installation")
    source = "import os\nos.mkdir('plots')\nopen('plots/a.bin', 'wb').write(bytes(range(256)))\nopen('b.txt', 'w')"
    run = site.run(source, outputs=["plots"], limits=oneshot.Limits(scratch_mib=1))
    assert [(file.path, file.bytes) for file in run.output_files] == [("plots/a.bin", 256)], run
    assert site.output_file(run.id, 0) == bytes(range(256))
    assert site.submission(run.id).outputs == ("plots",)
    (tmp_path / "program.py").write_text(source)
    ended = submit("--output-dir", str(tmp_path / "out"), str(tmp_path / "program.py"))
    assert ended.returncode == 0, ended.stderr
    assert (tmp_path / "out/plots/a.bin").read_bytes() == bytes(range(256))
    assert (tmp_path / "out/b.txt").read_bytes() == b""


def test_output_is_every_byte(site):
    run = site.run(BYTES)
    assert (run.status, run.exit_code) == ("failed", 3)
    assert site.output(run.id) == b"1\n\xff\x00\x1b[31mA\xc3"
    assert site.output(run.id, "stderr") == b"\xfe"


def test_output_may_be_longer_than_an_answer(site):
    run = site.run("for number in range(50_000): print('line', number)")
    assert run.stdout_cut
    assert site.output(run.id) == b"".join(b"line %d\n" % number for number in range(50_000))


def test_events_come_while_the_program_runs(site):
    run_id = site.submit(LIVE).id
    status_at_first_output, events = None, []
    for event in site.events(run_id):
        events.append(event)
        if isinstance(event, oneshot.OutputPiece) and status_at_first_output is None:
            status_at_first_output = site.get(run_id).status
    assert status_at_first_output == "running"
    assert "".join(event.text for event in events if isinstance(event, oneshot.OutputPiece)) == "first\nsecond\n"
    assert isinstance(events[-1], oneshot.Ended) and events[-1].run.succeeded


def test_events_go_on_where_a_connection_was_cut(api):
    with CuttingProxy(sys.maxsize, 3000, 9000, 9001, 0) as proxy:
        site = oneshot.Client(proxy.url, wait_timeout=DEADLINE_SECONDS)
        events = list(site.events(site.submit(NUMBERED).id))
        assert proxy.connections == 6
    assert "".join(event.text for event in events if getattr(event, "stream", "") == "stdout") == "".join(f"line {n}\n" for n in range(300))
    assert "".join(event.text for event in events if getattr(event, "stream", "") == "stderr") == "é\n" * 300
    assert isinstance(events[-1], oneshot.Ended) and events[-1].run.succeeded


def test_a_submission_whose_answer_is_lost_is_one_run(api):
    with CuttingProxy(0, 20) as proxy:
        run = oneshot.Client(proxy.url).submit("print(1)", key=(key := os.urandom(16).hex()))
        assert proxy.connections == 3
        assert oneshot.Client(proxy.url).submit("print(1)", key=key).id == run.id


def test_a_program_and_a_caller_talk(site):
    accepted = site.submit("print('hello', input('name? '))\nprint(input(), input())", stdin="Ada\n", stdin_open=True)
    assert accepted.stdin_open
    assert [site.send(accepted.id, "once\n", seq=0) for _ in range(2)] == [1, 1]
    with pytest.raises(oneshot.InputOutOfOrder, match="number 1"):
        site.send(accepted.id, "other\n", seq=0)
    assert site.send(accepted.id, "more\n", seq=1) == 2
    run = site.wait(accepted.id)
    assert (run.stdout, run.stdin_open) == ("name? hello Ada\nonce more\n", False)
    with pytest.raises(oneshot.RunHasEnded):
        site.send(accepted.id, "late\n")
    with pytest.raises(oneshot.InputNotOpen):
        site.send(site.submit("print(1)").id, "x")
    assert site.submission(accepted.id).stdin_open


def test_input_is_bytes_and_has_an_end(site):
    run_id = site.submit("import sys; print(sys.stdin.buffer.read())", stdin_open=True).id
    with pytest.raises(oneshot.InputTooLarge):
        site.send(run_id, bytes(262_145))
    assert [site.send(run_id, b"\xff\x00"), site.end_input(run_id)] == [1, 2]
    with pytest.raises((oneshot.InputEnded, oneshot.RunHasEnded)):
        site.send(run_id, "x")
    assert site.wait(run_id).stdout == "b'\\xff\\x00'\n"


def test_input_whose_answer_is_lost_arrives_once(site):
    run_id = site.submit("import sys; print(sys.stdin.read())", stdin_open=True).id
    with CuttingProxy(0, 20, sys.maxsize, sys.maxsize, 0) as proxy:
        between = oneshot.Client(proxy.url)
        assert between.send(run_id, "once,", seq=0) == 1
        assert between.send(run_id, "once,") == 2
        with pytest.raises(oneshot.ConnectionFailed):
            between.send(run_id, "perhaps")
        assert proxy.connections == 5
    site.end_input(run_id)
    assert site.wait(run_id).stdout in ("once,once,\n", "once,once,perhaps\n")


def test_figures_are_told_and_fetched(site):
    run = site.run("import matplotlib.pyplot as plt\nplt.plot([1, 3, 2])\nplt.title('Three numbers')\nplt.show()", display=True)
    (display,) = run.displays
    assert (display.mime, display.alt) == ("image/png", "Three numbers")
    assert site.display(run.id, display.number).startswith(b"\x89PNG\r\n\x1a\n")
    assert [event.display for event in site.events(run.id) if isinstance(event, oneshot.Shown)] == [display]


def test_a_key_makes_a_submission_repeatable(site):
    key = os.urandom(16).hex()
    assert site.submit("print(1)", key=key).id == site.submit("print(1)", key=key).id
    with pytest.raises(oneshot.InvalidRequest) as caught:
        site.submit("print(2)", key=key)
    assert caught.value.code == "idempotency_key_reused"


def test_a_refusal_names_field_and_limit(site):
    with pytest.raises(oneshot.InvalidRequest, match=r"limits\.wall_seconds must be between 0\.1 and \d+ seconds") as caught:
        site.submit("print(1)", limits=oneshot.Limits(wall_seconds=1e6))
    assert caught.value.request_id


def test_a_run_is_cancelled_and_deleted(site):
    run_id = site.submit("while True: pass", limits=oneshot.Limits(wall_seconds=60)).id
    with pytest.raises(oneshot.DeadlineExceeded) as caught:
        site.wait(run_id, timeout=0.5)
    assert caught.value.run_id == run_id
    with pytest.raises(oneshot.RunIsActive):
        site.delete(run_id)
    site.cancel(run_id)
    assert site.wait(run_id).status == "cancelled"
    site.delete(run_id)
    with pytest.raises(oneshot.NotFound):
        site.get(run_id)


def test_runs_are_listed_over_pages(site):
    ids = [site.submit("print(1)").id for _ in range(3)]
    assert set(ids) <= {run.id for run in site.list(page_size=2, limit=50)}


def test_what_was_submitted_can_be_submitted_again(site):
    first = site.run("print(input())", stdin="x", limits=oneshot.Limits(memory_mib=128))
    again = site.run(**site.submission(first.id).arguments())
    assert (again.stdout, again.limits) == (first.stdout, first.limits)


def test_the_environment_tells_packages_and_limits(site):
    environment = site.environment()
    assert environment.python.startswith("3.11.")
    assert {"numpy", "pandas", "scipy"} <= environment.packages.keys()
    assert environment.maxima.wall_seconds >= environment.defaults.wall_seconds


def test_tasks_run_programs_beside_each_other(async_site):
    async def follow(number: int) -> str:
        run = await async_site.submit(f"print({number})")
        return "".join([event.text async for event in async_site.events(run.id) if isinstance(event, oneshot.OutputPiece)])

    async def main():
        runs = await asyncio.gather(*(async_site.run(f"print({number})") for number in range(5)))
        assert [run.stdout for run in runs] == [f"{number}\n" for number in range(5)]
        assert await asyncio.gather(*(follow(number) for number in range(5))) == [f"{number}\n" for number in range(5)]
        assert [await async_site.output(run.id) for run in runs] == [f"{number}\n".encode() for number in range(5)]

    asyncio.run(main())


def test_a_task_that_is_cancelled_leaves_its_run_alone(async_site):
    async def main():
        run = await async_site.submit(LIVE)
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(async_site.wait(run.id), 0.2)
        assert (await async_site.wait(run.id)).stdout == "first\nsecond\n"

    asyncio.run(main())


@pytest.mark.parametrize("way", ["--follow", "--no-follow"])
def test_the_command_is_as_the_program(tmp_path, way):
    program = tmp_path / "program.py"
    program.write_text(BYTES)
    done = submit(way, program)
    assert (done.returncode, done.stdout, done.stderr) == (3, b"1\n\xff\x00\x1b[31mA\xc3", b"\xfe")


def test_the_command_takes_arguments_and_input(tmp_path):
    program = tmp_path / "program.py"
    program.write_text("import sys; print(sys.argv[1:], sys.stdin.read())")
    done = submit("--stdin", program, "-x", "--json", stdin=b"hello")
    assert (done.returncode, done.stdout) == (0, b"['-x', '--json'] hello\n")


def test_the_command_reads_a_program_and_tells_its_run():
    done = submit("--json", "--limit", "wall_seconds=5", "-", stdin=b"import os; os.kill(os.getpid(), 11)")
    run = json.loads(done.stdout)
    assert (done.returncode, run["signal"], run["limits"]["wall_seconds"]) == (128 + 11, 11, 5)


def test_the_command_saves_figures(tmp_path):
    done = submit("--display", tmp_path, "-", stdin=b"import matplotlib.pyplot as plt\nplt.plot([1])\nplt.show()")
    assert done.returncode == 0, done
    assert (tmp_path / "figure-0.png").read_bytes().startswith(b"\x89PNG")


def test_the_command_passes_on_what_is_typed(api, tmp_path):
    program = tmp_path / "program.py"
    program.write_text("import sys\nprint('hello', input('name? '))\nprint(len(sys.stdin.read()))")
    ours, theirs = pty.openpty()
    environment = {**os.environ, "ONESHOT_URL": site_from_environment()}
    shown = b""

    def read() -> bytes:
        assert select.select([ours], [], [], DEADLINE_SECONDS)[0], shown
        try:
            return os.read(ours, 4096)
        except OSError:  # the last one has closed the terminal
            return b""

    with subprocess.Popen([COMMAND, program], stdin=theirs, stdout=theirs, stderr=theirs, env=environment) as command:
        os.close(theirs)
        for awaited, keys in [(b"name? ", b"Ada\n"), (b"hello Ada\r\n", b"four\n\x04")]:
            while awaited not in shown:
                part = read()
                assert part, shown
                shown += part
            os.write(ours, keys)
        while part := read():
            shown += part
        assert command.wait(DEADLINE_SECONDS) == 0
    os.close(ours)
    assert shown.endswith(b"four\r\n5\r\n")


def test_a_command_that_is_interrupted_cancels_its_run(api, tmp_path):
    program = tmp_path / "program.py"
    program.write_text("print('begun', flush=True)\nwhile True: pass")
    run_id = tmp_path / "id"
    environment = {**os.environ, "ONESHOT_URL": site_from_environment()}
    arguments = ["--follow", "--limit", "wall_seconds=60", "--id-file", run_id, program]
    with subprocess.Popen([COMMAND, *arguments], stdout=subprocess.PIPE, env=environment) as command:
        assert command.stdout.readline() == b"begun\n"
        command.send_signal(signal.SIGINT)
        assert command.wait(DEADLINE_SECONDS) == 128 + signal.SIGINT
    wait_until("the run is cancelled", lambda: api.get(run_id.read_text().strip())["status"] == "cancelled")
