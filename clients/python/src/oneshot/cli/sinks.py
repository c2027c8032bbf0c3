"""Where the output of a run goes."""

from __future__ import annotations

from typing import BinaryIO, Callable, TextIO

from oneshot.cli.terminal import TerminalText

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def write_all(file: BinaryIO, content: bytes) -> None:
    """With PYTHONUNBUFFERED, a write to a pipe may take only a part."""
    rest = memoryview(content)
    while rest:
        rest = rest[file.write(rest) or 0 :]
    file.flush()


class ExactSink:
    """Every byte as the program wrote it. Events have text, so from the first U+FFFD on, which may stand for anything, output waits for
    the end of the run, where there are bytes."""

    def __init__(self, file: BinaryIO):
        self._file = file
        self._written = 0
        self._waits = False

    def feed(self, text: str) -> None:
        self._waits = self._waits or REPLACEMENT in text
        if not self._waits:
            self._write(text.encode("utf-8", "surrogatepass"))

    def start_over(self) -> None:
        self._written = 0
        self._waits = False

    def finish(self, is_written: bool, read: Callable[[], bytes]) -> None:
        """`is_written`: what was fed was all of it. `read` gives every byte."""
        if self._waits or not is_written:
            self._write(read()[self._written :])

    def _write(self, content: bytes) -> None:
        write_all(self._file, content)
        self._written += len(content)


class TerminalSink:
    """Text that cannot harm the terminal."""

    def __init__(self, file: TextIO):
        self._file = file
        self._text = TerminalText()

    def feed(self, text: str) -> None:
        self._write(self._text.feed(text))

    def start_over(self) -> None:
        self._write(self._text.finish())

    def finish(self, is_written: bool, read: Callable[[], bytes]) -> None:
        if not is_written:
            self.feed(read().decode("utf-8", "replace"))
        self._write(self._text.finish())

    def _write(self, text: str) -> None:
        write_all(self._file.buffer, text.encode(self._file.encoding, "replace"))
