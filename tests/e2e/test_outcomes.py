"""Every way a program can end, as the run reports it."""

import pytest

pytestmark = pytest.mark.usefixtures("still_works")

MIB = 1024 * 1024


def facts(run: dict) -> tuple:
    return run["status"], run["exit_code"], run["signal"], run["reason"]


def test_exit_0(api):
    run = api.run("import sys\nprint('out')\nprint('err', file=sys.stderr)")
    assert facts(run) == ("succeeded", 0, None, "exited")
    assert (run["stdout"], run["stderr"], run["truncated"]) == ("out\n", "err\n", False)
    assert run["attempt"] == 1
    assert run["peak_memory_bytes"] > MIB
    assert run["created_at"] <= run["started_at"] <= run["finished_at"]
    assert all(run["timings"][phase] >= 0 for phase in ("queued_ms", "startup_ms", "wall_ms", "cpu_ms"))


def test_exit_3(api):
    run = api.run("import sys\nprint('so far')\nsys.exit(3)")
    assert facts(run) == ("failed", 3, None, "exited")
    assert run["stdout"] == "so far\n"


def test_exit_with_a_text(api):
    run = api.run("import sys\nsys.exit('no such thing')")
    assert facts(run) == ("failed", 1, None, "exited")
    assert run["stderr"] == "no such thing\n"


def test_exception_shows_the_programs_own_lines_and_no_others(api):
    run = api.run("def inner(x):\n    return x['missing']\n\ninner({})\n")
    assert facts(run) == ("failed", 1, None, "exited")
    assert run["stderr"] == (
        "Traceback (most recent call last):\n"
        '  File "/code/main.py", line 4, in <module>\n'
        "    inner({})\n"
        '  File "/code/main.py", line 2, in inner\n'
        "    return x['missing']\n"
        "           ~^^^^^^^^^^^\n"
        "KeyError: 'missing'\n"
    )


def test_syntax_error(api):
    run = api.run("print('never')\nif True\n    pass\n")
    assert facts(run) == ("failed", 1, None, "exited")
    assert run["stdout"] == ""
    assert run["stderr"] == (
        '  File "/code/main.py", line 2\n    if True\n           ^\nSyntaxError: expected \':\'\n'
    )


@pytest.mark.parametrize("number", [6, 9, 11])
def test_signal(api, number):
    run = api.run(f"import os\nprint('before', flush=True)\nos.kill(os.getpid(), {number})")
    assert facts(run) == ("failed", None, number, "signaled")
    assert run["stdout"] == "before\n"


def test_wall_time(api):
    run = api.run("import time\nprint('begun', flush=True)\ntime.sleep(50)", limits={"wall_seconds": 1})
    assert (run["status"], run["reason"]) == ("timed_out", "wall_time_exceeded")
    assert run["stdout"] == "begun\n"
    assert run["timings"]["wall_ms"] >= 1000
    assert run["limits"]["wall_seconds"] == 1


def test_wall_time_of_a_program_that_ignores_signals(api):
    source = "import signal, time\nfor n in (1, 2, 15): signal.signal(n, signal.SIG_IGN)\nwhile True: time.sleep(1)"
    assert api.run(source, limits={"wall_seconds": 1})["reason"] == "wall_time_exceeded"


def test_cpu_time(api):
    run = api.run("print('begun', flush=True)\nwhile True: pass", limits={"wall_seconds": 30, "cpu_seconds": 1})
    assert (run["status"], run["reason"]) == ("timed_out", "cpu_time_exceeded")
    assert run["stdout"] == "begun\n"
    assert run["timings"]["cpu_ms"] >= 1000


def test_memory(api):
    source = "print('begun', flush=True)\nkept = [bytearray(b'x') * (16 << 20) for _ in range(1000)]\nprint('never')"
    run = api.run(source, limits={"memory_mib": 256})
    assert (run["status"], run["reason"]) == ("out_of_memory", "out_of_memory"), run
    assert run["stdout"] == "begun\n"


def test_output_cap_keeps_head_and_tail_and_counts_the_rest(api):
    source = "for n in range(100_000): print(n)"
    produced = "".join(f"{n}\n" for n in range(100_000)).encode()
    run = api.run(source, limits={"output_bytes": 8192})
    assert facts(run) == ("succeeded", 0, None, "exited")
    assert run["truncated"] is True
    kept = api.output(run["id"])
    assert len(kept) <= 8192
    assert len(kept) + run["output"]["stdout_dropped_bytes"] == len(produced)
    assert kept.startswith(b"0\n1\n2\n")
    assert kept.endswith(b"99998\n99999\n")


def test_output_is_kept_byte_for_byte(api):
    source = "import sys\nsys.stdout.buffer.write(bytes(range(256)) * 40)\nsys.stderr.buffer.write(b'\\xff\\x00no newline')"
    run = api.run(source)
    assert api.output(run["id"]) == bytes(range(256)) * 40
    assert api.output(run["id"], "stderr") == b"\xff\x00no newline"
    assert run["stderr"] == "�\x00no newline"


def test_standard_input_and_arguments(api):
    source = "import sys\nprint(sys.argv[1:], input(), sys.stdin.read(), sep='|')"
    run = api.run(source, stdin="first\nzwölf\n", args=["a b", "ü", ""])
    assert run["stdout"] == "['a b', 'ü', '']|first|zwölf\n\n"


def test_end_of_standard_input(api):
    run = api.run("input()")
    assert facts(run) == ("failed", 1, None, "exited")
    assert run["stderr"].endswith("EOFError: EOF when reading a line\n")


def test_an_empty_program(api):
    run = api.run("")
    assert facts(run) == ("succeeded", 0, None, "exited")
    assert (run["stdout"], run["stderr"]) == ("", "")


def test_a_process_that_outlives_the_program(api):
    source = "import os, time\nif os.fork() == 0:\n    time.sleep(50)\nelse:\n    print('parent', flush=True)\n    os._exit(0)"
    run = api.run(source, limits={"wall_seconds": 20})
    assert facts(run) == ("succeeded", 0, None, "exited")
    assert run["stdout"] == "parent\n"


def test_a_fork_bomb_ends(api):
    source = "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass"
    run = api.run(source, limits={"wall_seconds": 2, "cpu_seconds": 2})
    assert run["status"] in ("failed", "timed_out", "out_of_memory"), run
    assert run["signal"] == 9 or run["status"] != "failed", run


@pytest.mark.parametrize(
    "start", ["os.fork() or time.sleep(50)", "threading.Thread(target=time.sleep, args=(50,), daemon=True).start()"], ids=["processes", "threads"]
)
def test_too_many_processes(api, start):
    limit = api.request("GET", "/api/v1/environment").json()["limits"]["processes"]
    source = f"import os, threading, time\nprint('begun', flush=True)\nfor _ in range({2 * limit}): {start}\ntime.sleep(50)"
    run = api.run(source, limits={"wall_seconds": 30})
    assert facts(run) == ("failed", None, 9, "process_limit_exceeded"), run
    assert f"{limit} processes" in run["message"]
    assert run["stdout"] == "begun\n"


def test_scratch_space_only_on_request(api):
    source = "import tempfile\nwith tempfile.TemporaryFile() as file: file.write(b'x' * 1000)\nprint('written')"
    without = api.run(source)
    assert without["status"] == "failed"
    assert "FileNotFoundError" in without["stderr"]
    assert api.run(source, limits={"scratch_mib": 8})["stdout"] == "written\n"
