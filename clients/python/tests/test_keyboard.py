"""The command with somebody at the keyboard of its terminal."""

from __future__ import annotations

import fcntl
import os
import pathlib
import pty
import select
import signal
import socket
import subprocess
import sys
import termios
from typing import Iterator, List, Sequence

import pytest
from scripted_site import (
    DEADLINE_SECONDS,
    RUN_ID,
    Received,
    Reply,
    ScriptedSite,
    chunked,
    event,
    json_answer,
    output,
    problem,
    run_json,
    stream,
    then_hang,
)

SOURCES = pathlib.Path(__file__).resolve().parents[1] / "src"
ACCEPTED = json_answer(run_json("queued"), 201)
ENDED = run_json(output={"stdout_bytes": 0, "stderr_bytes": 0})
CTRL_C, CTRL_D = "\x03", "\x04"


class Terminal:
    """Is standard input, output and error of a command, and the one that its shell controls."""

    def __init__(self, site: ScriptedSite, command: Sequence[str]):
        self.shown = ""
        self._ours, theirs = pty.openpty()
        environment = {**os.environ, "PYTHONPATH": str(SOURCES), "ONESHOT_URL": site.url}
        self._process = subprocess.Popen(
            command,
            env=environment,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(theirs)

    def type(self, keys: str) -> None:
        os.write(self._ours, keys.encode())

    def wait_for(self, text: str) -> None:
        while text not in self.shown:
            assert self._read(), f"{text!r} is not in {self.shown!r}"

    def wait_for_end(self) -> int:
        while self._read():
            pass
        return self._process.wait(DEADLINE_SECONDS)

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._ours)

    def _read(self) -> bool:
        assert select.select([self._ours], [], [], DEADLINE_SECONDS)[0], f"nothing follows {self.shown!r}"
        try:
            part = os.read(self._ours, 65536)
        except OSError:  # how Linux tells that the last one has closed a terminal
            return False
        self.shown += part.decode().replace("\r\n", "\n")
        return bool(part)


class Desk:
    """Starts commands on terminals of their own."""

    def __init__(self, site: ScriptedSite, program: str):
        self.program = program
        self.terminals: List[Terminal] = []
        self._site = site

    def start(self, *options: str, shell: Sequence[str] = ()) -> Terminal:
        self.terminals.append(Terminal(self._site, [*shell, sys.executable, "-m", "oneshot", *options, self.program]))
        return self.terminals[-1]


@pytest.fixture
def desk(site: ScriptedSite, tmp_path: pathlib.Path) -> Iterator[Desk]:
    (tmp_path / "main.py").write_text("print(input('? '))")
    desk = Desk(site, str(tmp_path / "main.py"))
    yield desk
    for terminal in desk.terminals:
        terminal.close()


def taken(next_seq: int) -> bytes:
    return json_answer({"next_seq": next_seq}, 202)


def talk(site: ScriptedSite, pieces: int, *events: bytes) -> Reply:
    """The events of a run that prompts, is sent so many pieces of input, and goes on with `events`."""

    def send(connection: socket.socket, _: Received) -> None:
        connection.sendall(stream(event("status", {"status": "running"}), output("? ", "1-0"), is_complete=False))
        for _number in range(pieces):
            site.serve_next()
        connection.sendall(chunked(*events, event("end", ENDED)))

    return send


def pieces_of(site: ScriptedSite) -> "list[tuple[str, bytes]]":
    return [(each.target.rpartition("/")[2], each.body) for each in site.received if "/stdin" in each.target]


def test_what_is_typed_is_sent_line_by_line_to_its_end(desk: Desk, site: ScriptedSite) -> None:
    site.script(ACCEPTED, talk(site, 3, output("hello\n", "1-1")), taken(1), taken(2), taken(3))
    terminal = desk.start()
    terminal.wait_for("? ")
    terminal.type("Ax\x7fda\nand more\n" + CTRL_D)
    assert terminal.wait_for_end() == 0
    assert site.received[0].json()["stdin_open"] is True
    assert pieces_of(site) == [("stdin?seq=0", b"Ada\n"), ("stdin?seq=1", b"and more\n"), ("stdin?seq=2&end=true", b"")]
    assert terminal.shown.endswith("hello\n")


def test_a_line_whose_answer_is_lost_is_sent_again(desk: Desk, site: ScriptedSite) -> None:
    site.script(ACCEPTED, talk(site, 3), b"", problem(503, "unavailable", headers={"Retry-After": "0"}), taken(1))
    terminal = desk.start()
    terminal.wait_for("? ")
    terminal.type("Ada\n")
    assert terminal.wait_for_end() == 0
    assert pieces_of(site) == [("stdin?seq=0", b"Ada\n")] * 3


def test_a_line_that_is_too_long_is_noted_and_the_next_one_takes_its_place(desk: Desk, site: ScriptedSite) -> None:
    site.script(ACCEPTED, talk(site, 2), problem(413, "stdin_too_large"), taken(1))
    terminal = desk.start()
    terminal.wait_for("? ")
    terminal.type("long\nx\n")
    assert terminal.wait_for_end() == 0
    assert pieces_of(site) == [("stdin?seq=0", b"long\n"), ("stdin?seq=0", b"x\n")]
    assert "oneshot: stdin too large" in terminal.shown


def test_a_line_that_comes_too_late_is_no_fault(desk: Desk, site: ScriptedSite) -> None:
    site.script(ACCEPTED, talk(site, 1), problem(409, "run_ended"))
    terminal = desk.start()
    terminal.wait_for("? ")
    terminal.type("late\n")
    assert terminal.wait_for_end() == 0
    assert "oneshot:" not in terminal.shown


def test_a_command_ends_although_nobody_types(desk: Desk, site: ScriptedSite) -> None:
    site.script(ACCEPTED, talk(site, 0))
    terminal = desk.start()
    assert terminal.wait_for_end() == 0
    assert terminal.shown.endswith("? ")


def test_an_interrupted_command_cancels_its_run(desk: Desk, site: ScriptedSite) -> None:
    site.script(ACCEPTED, then_hang(stream(output("? ", "1-0"), is_complete=False)), json_answer(run_json("running"), 202))
    terminal = desk.start()
    terminal.wait_for("? ")
    terminal.type("half a line" + CTRL_C)
    assert terminal.wait_for_end() == 128 + signal.SIGINT
    assert site.received[-1].target == f"/api/v1/runs/{RUN_ID}/cancel"
    assert (pieces_of(site), terminal.shown[-2:]) == ([], "^C")


def test_a_command_in_the_background_goes_on_and_reads_when_it_is_back(desk: Desk, site: ScriptedSite) -> None:
    site.script(ACCEPTED, talk(site, 1), taken(1))
    terminal = desk.start(shell=["bash", "-mc", '"$@" & read -r line; echo "read $line"; fg', "bash"])
    terminal.wait_for("? ")
    terminal.type("for the shell\nAda\n")
    assert terminal.wait_for_end() == 0
    assert "read for the shell\n" in terminal.shown
    assert pieces_of(site) == [("stdin?seq=0", b"Ada\n")]


@pytest.mark.parametrize("options", [["--no-stdin"], ["--no-follow"]])
def test_nothing_is_passed_on_that_was_not_wanted(desk: Desk, site: ScriptedSite, options: List[str]) -> None:
    site.script(ACCEPTED, talk(site, 0))
    terminal = desk.start(*options)
    terminal.type("for the shell\n")
    assert terminal.wait_for_end() == 0
    assert "stdin_open" not in site.received[0].json()


def test_a_terminal_may_be_read_before_the_program_begins(desk: Desk, site: ScriptedSite) -> None:
    site.script(ACCEPTED, talk(site, 0))
    terminal = desk.start("--stdin")
    terminal.type("first\n" + CTRL_D)
    assert terminal.wait_for_end() == 0
    body = site.received[0].json()
    assert (body["stdin"], "stdin_open" in body) == ("first\n", False)
