"""Events of a run from the bytes of one or several streams, each exactly once.

A record of output comes as one event or several, of which only the last has an id. Its events wait for that one, so a record that the
end of a connection has cut is forgotten here and comes again as a whole.
"""

from __future__ import annotations

import re
from typing import Iterator, List, Optional, Tuple

from oneshot.core.fields import Fields, parse_object
from oneshot.errors import UnreadableAnswer
from oneshot.events import Ended, Event, OutputPiece, Progress, Reset, Shown
from oneshot.models import STREAMS, Run

RECORD_ID = re.compile(r"([0-9]{1,9})-([0-9]{1,15})")
OUTPUT = {str(name): name for name in STREAMS}
LINE_BYTES = 64 * 1024 * 1024  # more than a record or a run can have


class Records:
    def __init__(self) -> None:
        self.has_ended = False
        self.heard = False  # an event of any kind, on this connection
        self.retry_seconds: Optional[float] = None  # the site's wish
        self._last: Tuple[int, int] = (0, -1)  # attempt and number of the last record that was passed on
        self._last_progress: Optional[Progress] = None
        self._held: List[Event] = []
        self._rest = bytearray()
        self._begin_event()

    @property
    def last_event_id(self) -> Optional[str]:
        """Where the next connection goes on. A reset alone is no place: the attempt's output comes from its beginning."""
        attempt, number = self._last
        return f"{attempt}-{number}" if number >= 0 else None

    def reconnect(self) -> None:
        self.heard = False
        self._held = []
        self._rest.clear()
        self._begin_event()

    def feed(self, data: bytes) -> Iterator[Event]:
        self._rest += data
        *lines, rest = bytes(self._rest).split(b"\n")
        self._rest = bytearray(rest)
        if len(rest) > LINE_BYTES:
            raise UnreadableAnswer("an event of the stream is too long")
        for line in lines:
            if self.has_ended:
                return
            yield from self._read(line.rstrip(b"\r").decode("utf-8", "replace"))

    def _begin_event(self) -> None:
        self._name, self._id, self._data = "message", "", ""

    def _read(self, line: str) -> Iterator[Event]:
        if not line:
            name, event_id, data = self._name, self._id, self._data
            self._begin_event()
            if data:
                self.heard = True
                yield from self._handle(name, event_id, data)
            return
        field, _, value = line.partition(":")
        value = value[1:] if value.startswith(" ") else value
        if field == "event":
            self._name = value
        elif field == "id":
            self._id = value
        elif field == "data":
            self._data = f"{self._data}\n{value}" if self._data else value
        elif field == "retry" and value.isascii() and value.isdigit():
            self.retry_seconds = int(value[:6]) / 1000

    def _handle(self, name: str, event_id: str, data: str) -> Iterator[Event]:
        if name in OUTPUT or name in ("status", "display", "reset", "end"):
            source = Fields(f"event {name}", parse_object(f"event {name}", data.encode()))
            if name == "status":
                yield from self._progress(Progress.of(source))
            elif name in OUTPUT:
                self._held.append(OutputPiece.of(OUTPUT[name], source))
            elif name == "display":
                self._held.append(Shown.of(source))
            elif name == "reset":
                yield from self._reset(source.whole("attempt"))
            else:
                self.has_ended = True
                # What was left of a character that the program never completed has no id.
                yield from self._pass_on()
                yield Ended(Run.of(source))
        if event_id:
            yield from self._end_record(event_id)

    def _progress(self, progress: Progress) -> Iterator[Event]:
        if progress != self._last_progress:  # each connection begins with one
            self._last_progress = progress
            yield progress

    def _reset(self, attempt: int) -> Iterator[Event]:
        self._held = []
        if attempt > self._last[0]:
            self._last = (attempt, -1)
            yield Reset(attempt)

    def _end_record(self, event_id: str) -> Iterator[Event]:
        match = RECORD_ID.fullmatch(event_id)
        if not match:
            raise UnreadableAnswer(f"unreadable id of an event: {event_id[:40]!r}")
        record = (int(match[1]), int(match[2]))
        if record <= self._last:
            self._held = []
            return
        if 0 < self._last[0] < record[0]:  # the reset was missed while the connection was lost
            yield Reset(record[0])
        self._last = record
        yield from self._pass_on()

    def _pass_on(self) -> Iterator[Event]:
        held, self._held = self._held, []
        yield from held
