"""The command as a shell calls it: bytes, exit status, signals, terminals."""

from __future__ import annotations

import json
import os
import pathlib
import pty
import signal
import subprocess
import sys
from typing import Any, List

import pytest
from scripted_site import (
    DEADLINE_SECONDS,
    RUN_ID,
    ScriptedSite,
    answer,
    event,
    hang,
    json_answer,
    output,
    problem,
    run_json,
    stream,
    then_hang,
)

SOURCES = pathlib.Path(__file__).resolve().parents[1] / "src"
ACCEPTED = json_answer(run_json("queued"), 201)
NONE = {"stdout_bytes": 0, "stderr_bytes": 0}
CONTENT = b"1\n\xff\x00\x1b]0;t\x07\xc3"


def start(site: ScriptedSite, *arguments: str, unbuffered: str = "", **options: Any) -> "subprocess.Popen[bytes]":
    environment = {**os.environ, "PYTHONPATH": str(SOURCES), "ONESHOT_URL": site.url, "PYTHONUNBUFFERED": unbuffered}
    streams = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    return subprocess.Popen([sys.executable, "-m", "oneshot", *arguments], env=environment, **{**streams, **options})


def run(site: ScriptedSite, *arguments: str, stdin: bytes = b"print(1)") -> "tuple[int, bytes, bytes]":
    process = start(site, *arguments)
    out, err = process.communicate(stdin, DEADLINE_SECONDS)
    return process.returncode, out, err


def octets(content: bytes) -> bytes:
    return answer(200, content, "application/octet-stream")


def test_output_passes_through_to_the_byte(site: ScriptedSite) -> None:
    site.script(ACCEPTED, json_answer(run_json("failed", exit_code=3)), octets(CONTENT), octets(b"trouble\xff"))
    assert run(site, "-", "a", "--b") == (3, CONTENT, b"trouble\xff")
    assert site.received[0].json() == {"source": "print(1)", "args": ["a", "--b"]}


def test_followed_output_passes_through_to_the_byte(site: ScriptedSite) -> None:
    end = event("end", run_json(output={"stdout_bytes": 9, "stderr_bytes": 0}))
    site.script(ACCEPTED, stream(output("1\n", "1-0"), output("\ufffd\x00\x1b]0;t\x07", "1-1"), output("\ufffd"), end), octets(CONTENT))
    assert run(site, "--follow", "-") == (0, CONTENT, b"")


def test_standard_input_is_sent_when_asked_for(site: ScriptedSite, tmp_path: pathlib.Path) -> None:
    (tmp_path / "main.py").write_text("print(input())")
    site.script(ACCEPTED, json_answer(run_json(output=NONE)))
    assert run(site, "--stdin", str(tmp_path / "main.py"), stdin="é\n".encode()) == (0, b"", b"")
    assert site.received[0].json()["stdin"] == "é\n"


def test_the_run_is_written_as_json(site: ScriptedSite, tmp_path: pathlib.Path) -> None:
    site.script(ACCEPTED, json_answer(run_json()), json_answer(run_json(stdout="\x1b[2J", of_tomorrow=1)))
    status, out, err = run(site, "--json", "--id-file", str(tmp_path / "id"), "-")
    assert (status, err) == (0, b"")
    assert json.loads(out) == run_json(stdout="\x1b[2J", of_tomorrow=1)
    assert b"\x1b" not in out
    assert (tmp_path / "id").read_text() == f"{RUN_ID}\n"


def test_figures_are_saved_under_names_of_our_own(site: ScriptedSite, tmp_path: pathlib.Path) -> None:
    displays = [
        {"number": 0, "mime": "image/png", "alt": "../\x1b[2J", "bytes": 1, "url": "http://elsewhere/"},
        {"number": 1, "mime": "image/svg+xml", "alt": "", "bytes": 1},
        {"number": 2, "mime": "../../x", "alt": "", "bytes": 1},
    ]
    site.script(ACCEPTED, json_answer(run_json(output=NONE, displays=displays)), octets(b"png"), octets(b"svg"), octets(b"{}"))
    status, _, err = run(site, "--display", str(tmp_path / "out"), "-")
    assert status == 0 and b"\x1b" not in err
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == {
        "figure-0.png": b"png",
        "figure-1.svg": b"svg",
        "table-2.json": b"{}",
    }
    assert site.received[0].json()["display"] is True


def test_what_the_program_wrote_is_saved_below_a_folder(site: ScriptedSite, tmp_path: pathlib.Path) -> None:
    files = [{"number": 0, "path": "plots/a.csv", "bytes": 1}, {"number": 1, "path": "b\x1b[2J", "bytes": 1}]
    site.script(ACCEPTED, json_answer(run_json(output=NONE, output_files=files, dropped_output_files=3)), octets(b"csv"), octets(b"b"))
    status, _, err = run(site, "--output-dir", str(tmp_path / "out"), "--output", "*.csv", "--output", "b*", "-")
    assert status == 0 and b"\x1b" not in err
    assert b"3 files did not come back" in err
    assert (tmp_path / "out/plots/a.csv").read_bytes() == b"csv"
    submitted = site.received[0].json()
    assert (submitted["outputs"], submitted["limits"]) == (["*.csv", "b*"], {"scratch_mib": 16})
    assert site.received[2].target == f"/api/v1/runs/{RUN_ID}/output-files/0"


def test_what_cannot_be_saved_is_told_and_changes_the_status(site: ScriptedSite, tmp_path: pathlib.Path) -> None:
    files = [{"number": 0, "path": "../out-of-it", "bytes": 1}, {"number": 1, "path": "b", "bytes": 1}]
    site.script(ACCEPTED, json_answer(run_json(output=NONE, output_files=files)), octets(b"a"), octets(b"b"))
    status, _, err = run(site, "--output-dir", str(tmp_path / "out"), "--scratch", "4", "-")
    assert (status, (tmp_path / "out/b").read_bytes()) == (64, b"b")
    assert b"not saved" in err and not (tmp_path / "out-of-it").exists()
    submitted = site.received[0].json()
    assert (submitted["outputs"], submitted["limits"]) == (["*"], {"scratch_mib": 4})


def test_patterns_need_a_folder_to_save_in(site: ScriptedSite) -> None:
    status, _, err = run(site, "--output", "*.csv", "-")
    assert status == 64 and b"--output-dir" in err


@pytest.mark.parametrize(
    ("told", "status", "message"),
    [
        (
            run_json("timed_out", signal=9, message="wall time limit of 0.5 s exceeded", output=NONE),
            124,
            b"oneshot: timed out: wall time limit of 0.5 s exceeded\n",
        ),
        (run_json("failed", signal=11, output=NONE), 139, b"oneshot: ended by SIGSEGV\n"),
        (run_json("error", reason="pod_lost", message="\x1b[2Ja\nb", output=NONE), 70, b"oneshot: error: \\x1b[2Ja b\n"),
        (
            run_json(output={**NONE, "stdout_dropped_bytes": 7}),
            0,
            b"oneshot: 7 bytes of stdout were not kept: --limit output_bytes=N keeps more\n",
        ),
    ],
)
def test_what_the_output_does_not_say_is_noted(site: ScriptedSite, told: Any, status: int, message: bytes) -> None:
    site.script(ACCEPTED, json_answer(told))
    assert run(site, "-") == (status, b"", message)


def test_a_refusal_names_field_and_limit(site: ScriptedSite) -> None:
    errors = [{"pointer": "/limits/wall_seconds", "code": "out_of_range", "detail": "must be between 0.1 and 60 seconds"}]
    site.script(problem(422, "invalid_run", errors=errors))
    status, out, err = run(site, "--limit", "wall_seconds=99", "-")
    assert (status, out) == (65, b"")
    assert b"limits.wall_seconds must be between 0.1 and 60 seconds" in err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_command_cancels_its_run(site: ScriptedSite, number: int) -> None:
    site.script(ACCEPTED, then_hang(stream(output("begun\n", "1-0"), is_complete=False)), json_answer(run_json("running"), 202))
    process = start(site, "--follow", "-")
    assert process.stdin and process.stdout
    process.stdin.write(b"while True: pass")
    process.stdin.close()
    assert process.stdout.readline() == b"begun\n"
    process.send_signal(number)
    assert process.wait(DEADLINE_SECONDS) == 128 + number
    assert process.stderr and process.stderr.read() == b""
    assert site.received[-1].target == f"/api/v1/runs/{RUN_ID}/cancel"
    process.stdout.close()
    process.stderr.close()


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_who_leaves_cancels_the_run(site: ScriptedSite, unbuffered: str) -> None:
    # More than a pipe holds.
    site.script(ACCEPTED, then_hang(stream(output("x" * 1_000_000, "1-0"), is_complete=False)), json_answer(run_json("running"), 202))
    process = start(site, "--follow", "-", unbuffered=unbuffered)
    assert process.stdin and process.stdout and process.stderr
    process.stdin.write(b"print('x' * 1000000)")
    process.stdin.close()
    assert process.stdout.read(1) == b"x"
    process.stdout.close()
    assert process.wait(DEADLINE_SECONDS) == 128 + signal.SIGPIPE
    assert process.stderr.read() == b""
    process.stderr.close()


def test_a_run_that_takes_too_long_is_cancelled(site: ScriptedSite) -> None:
    site.script(ACCEPTED, hang, json_answer(run_json("running"), 202))
    status, out, err = run(site, "--timeout", "1", "-")
    assert (status, out) == (75, b"")
    assert b"has not ended in time" in err


def on_a_terminal(site: ScriptedSite, *arguments: str) -> "tuple[int, str]":
    """What a terminal receives that is both standard output and standard error."""
    ours, theirs = pty.openpty()
    process = start(site, *arguments, stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs)
    os.close(theirs)
    shown: List[bytes] = []
    try:
        while part := os.read(ours, 65536):
            shown.append(part)
    except OSError:
        pass  # how Linux tells that the last one has closed a terminal
    os.close(ours)
    return process.wait(DEADLINE_SECONDS), b"".join(shown).decode().replace("\r\n", "\n")


@pytest.fixture
def program(tmp_path: pathlib.Path) -> str:
    (tmp_path / "main.py").write_text("print(1)")
    return str(tmp_path / "main.py")


def test_a_terminal_is_told_the_progress_and_then_the_output(site: ScriptedSite, program: str) -> None:
    queued = event("status", {"status": "queued", "queue_position": 2, "starts_in_ms": 3000, "attempt": 0})
    site.script(ACCEPTED, stream(queued, output("\x1b[31mred\x1b[0m\x1b]0;t\x07\n", "1-0"), event("end", run_json())))
    status, shown = on_a_terminal(site, program)
    assert status == 0
    assert shown == "\r\x1b[Ksubmitting\r\x1b[Kqueued at place 2, starts in about 3 s\r\x1b[K\x1b[31mred\x1b[0m\\x1b]0;t\\x07\n"


def test_a_terminal_gets_everything_that_is_asked_for(site: ScriptedSite, program: str) -> None:
    site.script(ACCEPTED, stream(output("\x1b]0;t\x07", "1-0"), event("end", run_json())))
    assert on_a_terminal(site, "--raw", program)[1].endswith("\x1b]0;t\x07")


def test_another_attempt_is_noted(site: ScriptedSite, program: str) -> None:
    site.script(ACCEPTED, stream(output("a\n", "1-0"), event("reset", {"attempt": 2}), output("b\n", "2-0"), event("end", run_json())))
    assert on_a_terminal(site, program)[1].endswith("a\noneshot: the run starts over in attempt 2; the output so far is void\nb\n")


def test_a_terminal_is_told_that_the_site_is_asked_again(site: ScriptedSite, program: str) -> None:
    site.script(problem(503, "queue_full", headers={"Retry-After": "0"}), ACCEPTED, stream(event("end", run_json())))
    assert "queue full (queue_full, request r1); trying again in 0." in on_a_terminal(site, program)[1]
