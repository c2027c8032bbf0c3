"""What a terminal is shown. A program's output may be hostile, and a terminal obeys what it is sent: it can be made to retitle itself,
to fill the clipboard or to type. So only colours, styles and the erasing of a line reach it; other control characters are shown as
text. A pipe or file gets every byte.
"""

from __future__ import annotations

import re
from typing import TextIO

HARMLESS = re.compile(r"\x1b\[[0-9;:]*[mK]")
# A sequence may be cut anywhere between two pieces of output.
BEGUN = re.compile(r"\x1b(?:\[[0-9;:]{0,64})?\Z")
# They turn the direction of text, so that one name looks like another.
TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
CONTROL = re.compile(r"(\x1b\[[0-9;:]*[mK])|[\x00-\x07\x0b-\x0c\x0e-\x1f\x7f-\x9f]")


class TerminalText:
    """Makes pieces of text fit for a terminal."""

    def __init__(self) -> None:
        self._begun = ""

    def feed(self, text: str) -> str:
        text = self._begun + text
        begun = BEGUN.search(text)
        self._begun = begun[0] if begun else ""
        return CONTROL.sub(_shown, text[: len(text) - len(self._begun)])

    def finish(self) -> str:
        rest, self._begun = self._begun, ""
        return CONTROL.sub(_shown, rest)


def one_line(text: str) -> str:
    """A message, which may name a program's files, without anything that could move the cursor or turn text around."""
    shown = CONTROL.sub(_shown, " ".join(text.split())).replace("\x1b", "\\x1b")
    return TURNING.sub(lambda match: match[0].encode("unicode_escape").decode("ascii"), shown)


def _shown(match: re.Match[str]) -> str:
    return match[1] or match[0].encode("unicode_escape").decode("ascii")


class Progress:
    """One line on a terminal that is written over, until output comes; nothing elsewhere. Notes are written in any case."""

    def __init__(self, stream: TextIO):
        self._stream = stream
        self._is_shown = False
        self._is_over = not stream.isatty()

    @property
    def is_wanted(self) -> bool:
        return not self._is_over

    def show(self, text: str) -> None:
        if not self._is_over:
            self._stream.write(f"\r\x1b[K{one_line(text)}")
            self._stream.flush()
            self._is_shown = True

    def clear(self) -> None:
        if self._is_shown:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
            self._is_shown = False

    def end(self) -> None:
        """From here on the terminal belongs to the output: what follows an unfinished line would write over it."""
        self.clear()
        self._is_over = True

    def note(self, text: str) -> None:
        self.clear()
        self._stream.write(f"oneshot: {one_line(text)}\n")
        self._stream.flush()
