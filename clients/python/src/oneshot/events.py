"""What happens to a run, in its order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional, Union

from oneshot.core.fields import Fields
from oneshot.models import Display, Run, StreamName


@dataclass(frozen=True)
class Progress:
    """The run has another status, or its place in the queue has changed."""

    status: str
    queue_position: Optional[int]
    starts_in_ms: Optional[int]
    attempt: int
    message: Optional[str]  # for people: why the program has not begun yet
    interruptions: int

    @classmethod
    def of(cls, source: Fields) -> Progress:
        return cls(
            source.text("status"),
            source.maybe_whole("queue_position"),
            source.maybe_whole("starts_in_ms"),
            source.maybe_whole("attempt") or 0,
            source.maybe_text("message"),
            source.maybe_whole("interruptions") or 0,
        )


@dataclass(frozen=True)
class OutputPiece:
    """Output as text: bytes that are not UTF-8 are U+FFFD here, and `client.output` has them."""

    stream: StreamName
    text: str
    ms: int  # since the program began
    dropped_bytes: int  # of this stream, dropped just before `text`

    @classmethod
    def of(cls, stream: StreamName, source: Fields) -> OutputPiece:
        return cls(stream, source.text("text"), source.maybe_whole("ms") or 0, source.maybe_whole("dropped_bytes") or 0)


@dataclass(frozen=True)
class Shown:
    """A figure or table is shown at this place of the output."""

    display: Display
    ms: int

    @classmethod
    def of(cls, source: Fields) -> Shown:
        return cls(Display.of(source), source.maybe_whole("ms") or 0)


@dataclass(frozen=True)
class Reset:
    """The run starts over in another attempt: what was told so far is void."""

    attempt: int


@dataclass(frozen=True)
class Ended:
    """The last event. The run has no `stdout` and `stderr` here: they were told."""

    run: Run


Event = Union[Progress, OutputPiece, Shown, Reset, Ended]
