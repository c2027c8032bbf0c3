"""What reaches a terminal, and what reaches a file."""

from __future__ import annotations

import io
from typing import List

import pytest

from oneshot.cli.sinks import ExactSink
from oneshot.cli.terminal import TerminalText, one_line

HARMFUL = {
    "\x1b]0;title\x07": "\\x1b]0;title\\x07",
    "\x1b]52;c;aGk=\x1b\\": "\\x1b]52;c;aGk=\\x1b\\",
    "\x1b[2J\x1b[H": "\\x1b[2J\\x1b[H",
    "\x1b[6n": "\\x1b[6n",
    "\x1bc": "\\x1bc",
    "\x9b2J\x90": "\\x9b2J\\x90",
    "a\x00\x7f\x0e": "a\\x00\\x7f\\x0e",
}
HARMLESS = ["", "plain → ü\t\r\n\b", "\x1b[31;1mred\x1b[0m", "\x1b[38;5;200mx\x1b[m", "\x1b[K"]


@pytest.mark.parametrize("step", [1, 2, 100])
@pytest.mark.parametrize(("text", "shown"), [*HARMFUL.items(), *((each, each) for each in HARMLESS)])
def test_a_terminal_gets_colours_and_nothing_that_it_would_obey(text: str, shown: str, step: int) -> None:
    terminal = TerminalText()
    assert "".join([*(terminal.feed(text[at : at + step]) for at in range(0, len(text), step)), terminal.finish()]) == shown


def test_a_sequence_that_never_ends_is_not_waited_for() -> None:
    assert len(TerminalText().feed("\x1b[" + "1" * 1000)) > 1000


def test_a_message_of_the_site_stays_on_its_line() -> None:
    assert one_line("a\r\nb\x1b[31m\tc") == "a b\\x1b[31m c"


def test_names_in_notes_are_not_disguised() -> None:
    assert one_line("out/photo\u202egnp.exe") == "out/photo\\u202egnp.exe"
    assert one_line("out/שלום ä.csv") == "out/שלום ä.csv"


@pytest.mark.parametrize(
    ("pieces", "content"),
    [
        (["a", "b→"], "ab→".encode()),
        (["a", "b\ufffd", "c"], b"ab\xffc"),
        (["\ufffd"], "\ufffd".encode()),
        ([], b""),
    ],
)
def test_a_file_gets_every_byte(pieces: List[str], content: bytes) -> None:
    file = io.BytesIO()
    sink = ExactSink(file)
    for piece in pieces:
        sink.feed(piece)
    assert content.startswith(file.getvalue())
    sink.finish(True, lambda: content)
    assert file.getvalue() == content


def test_what_was_not_followed_is_read_at_the_end() -> None:
    file = io.BytesIO()
    ExactSink(file).finish(False, lambda: b"\xff")
    assert file.getvalue() == b"\xff"


def test_another_attempt_is_written_from_its_beginning() -> None:
    file = io.BytesIO()
    sink = ExactSink(file)
    sink.feed("first\ufffd")
    sink.start_over()
    sink.feed("second")
    sink.feed("\ufffd")
    sink.finish(True, lambda: b"second\xff")
    assert file.getvalue() == b"second\xff"
