"""The command line, and the exit status."""

from __future__ import annotations

import pathlib
from typing import Any, List

import pytest
from scripted_site import run_json

from oneshot import DeadlineExceeded, Limits, Progress, Run
from oneshot.cli import exit_status
from oneshot.cli.main import describe
from oneshot.cli.options import parse
from oneshot.core.answer import Head
from oneshot.core.fields import Fields
from oneshot.core.outcome import Answer, error_of
from oneshot.errors import ConnectionFailed, OneshotError, UnreadableAnswer


@pytest.fixture
def folder(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "main.py").write_text("print(1)")
    (tmp_path / "data").mkdir()
    (tmp_path / "data/x.csv").write_bytes(b"\xff\x00")
    (tmp_path / "a=b").write_bytes(b"ab")
    return tmp_path


def test_what_follows_the_program_is_its_own(folder: pathlib.Path) -> None:
    options = parse(["--limit", "wall_seconds=2.5", "--limit", "memory_mib=64", "--scratch", "16", "main.py", "-v", "--json", "--", "-"])
    assert options.submission["args"] == ["-v", "--json", "--", "-"]
    assert options.submission["source"] == "print(1)"
    assert options.submission["limits"] == Limits(wall_seconds=2.5, memory_mib=64, scratch_mib=16)
    assert (options.json, options.submission["stdin"]) == (False, None)


@pytest.mark.parametrize(
    ("value", "name", "content"),
    [
        ("data/x.csv", "x.csv", b"\xff\x00"),
        ("data/../data/x.csv", "x.csv", b"\xff\x00"),
        ("data/x.csv=in/y", "in/y", b"\xff\x00"),
        ("a=b=c", "c", b"ab"),
    ],
)
def test_a_file_is_named_by_its_last_part_or_as_told(folder: pathlib.Path, value: str, name: str, content: bytes) -> None:
    assert parse(["--file", value, "main.py"]).submission["files"] == {name: content}


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["missing.py"],
        ["data"],
        ["data/x.csv"],
        ["--limit", "colour=1", "main.py"],
        ["--limit", "memory_mib=1.5", "main.py"],
        ["--limit", "wall_seconds", "main.py"],
        ["--file", "missing", "main.py"],
        ["--file", "data/x.csv=../x", "main.py"],
        ["--file", "data/x.csv=/etc/x", "main.py"],
        ["--file", "data/x.csv=", "main.py"],
        ["--file", "data/..", "main.py"],
        ["--file", "=x", "main.py"],
        ["--file", "data/x.csv", "--file", "main.py=x.csv", "main.py"],
        ["--stdin", "-"],
        ["--stdin", "--no-stdin", "main.py"],
        ["--follow", "--json", "main.py"],
        ["--timeout", "0", "main.py"],
        ["--timeout", "nan", "main.py"],
    ],
)
def test_a_wrong_command_line_has_a_status_of_its_own(
    folder: pathlib.Path, arguments: List[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        parse(arguments)
    assert caught.value.code == exit_status.USAGE
    assert "oneshot: " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("run", "status"),
    [
        (run_json(), 0),
        (run_json("failed", exit_code=3), 3),
        (run_json("failed", signal=11), 139),
        (run_json("failed", reason="process_limit_exceeded"), 1),
        (run_json("timed_out", signal=9), 124),
        (run_json("out_of_memory", signal=9), 137),
        (run_json("cancelled"), 130),
        (run_json("error"), 70),
    ],
)
def test_the_command_ends_as_the_program(run: Any, status: int) -> None:
    assert exit_status.of_run(Run.of(Fields("run", run))) == status


@pytest.mark.parametrize(
    ("error", "status"),
    [
        *(
            (error_of(Answer(Head(code, {}), b"")), status)
            for code, status in [(422, 65), (413, 65), (401, 77), (403, 77), (503, 69), (429, 69), (500, 70), (302, 69)]
        ),
        (ConnectionFailed("refused"), 69),
        (DeadlineExceeded("no answer"), 69),
        (DeadlineExceeded("it runs", "id"), 75),
        (UnreadableAnswer("html"), 70),
    ],
)
def test_each_kind_of_error_has_a_status(error: OneshotError, status: int) -> None:
    assert exit_status.of_error(error) == status


@pytest.mark.parametrize(
    ("progress", "text"),
    [
        (Progress("queued", 3, 4100, 0, None, 0), "queued at place 3, starts in about 4 s"),
        (Progress("queued", 1001, None, 0, "no node has room", 0), "queued at place over 1000: no node has room"),
        (Progress("starting", None, None, 2, None, 1), "starting, attempt 2"),
        (Progress("running", None, None, 1, None, 0), "running"),
    ],
)
def test_progress_is_told_in_words(progress: Progress, text: str) -> None:
    assert describe(progress) == text
