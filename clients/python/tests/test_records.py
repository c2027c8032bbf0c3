"""Each event once and in order, whatever a connection cuts, repeats or leaves out."""

from __future__ import annotations

from typing import List

import pytest
from scripted_site import event, output, run_json

from oneshot import Ended, Event, OutputPiece, Progress, Reset, Shown, UnreadableAnswer
from oneshot.core.records import Records

STATUS = event("status", {"status": "running", "attempt": 1, "new_field": [1]})
END = event("end", run_json())


def feed(records: Records, *parts: bytes) -> List[Event]:
    return [each for part in parts for each in records.feed(part)]


def texts(events: List[Event]) -> str:
    return "".join(
        each.text if isinstance(each, OutputPiece) else f"[{each.attempt}]" if isinstance(each, Reset) else "" for each in events
    )


@pytest.mark.parametrize("step", [1, 5, 10_000])
def test_events_come_whole_in_whatever_pieces_the_stream_comes(step: int) -> None:
    display = {"number": 0, "mime": "image/png", "width": 640, "height": 480, "alt": "é", "bytes": 7, "url": "/x", "ms": 140}
    whole = (
        b"retry: 1500\n\n: comment\n\n"
        + STATUS
        + output("→ü\x00\n", "1-0")
        + event("display", display, "1-1")
        + event("later", {})
        + event("heartbeat", {})
        + END
    )
    records = Records()
    events = feed(records, *(whole[at : at + step] for at in range(0, len(whole), step)))
    assert [type(each) for each in events] == [Progress, OutputPiece, Shown, Ended]
    assert texts(events) == "→ü\x00\n"
    assert records.retry_seconds == 1.5
    assert records.has_ended


def test_lines_may_end_as_on_other_systems() -> None:
    assert texts(feed(Records(), output("a", "1-0").replace(b"\n", b"\r\n"))) == "a"


def test_bytes_that_are_not_utf8_do_not_break_the_stream() -> None:
    broken = b'event: stdout\nid: 1-0\ndata: {"text":"a\xff\xc3","ms":1}\n\n'
    assert texts(feed(Records(), broken)) == "a\ufffd\ufffd"


def test_a_record_waits_for_its_id() -> None:
    records = Records()
    assert feed(records, output("a"), output("b", stream="stderr")) == []
    assert texts(feed(records, output("c", "1-0"))) == "abc"


def test_a_record_that_is_cut_comes_again_as_a_whole() -> None:
    records = Records()
    first = feed(records, output("a", "1-0"), output("b"), b"event: stdout\nid: 1-1\ndata: {")
    assert records.last_event_id == "1-0"
    records.reconnect()
    assert texts(first + feed(records, output("b"), output("c", "1-1"))) == "abc"


def test_what_is_repeated_is_told_once() -> None:
    records = Records()
    feed(records, STATUS, output("a", "1-0"), output("b", "1-1"))
    records.reconnect()
    assert feed(records, STATUS, output("a", "1-0"), output("b", "1-1")) == []
    assert texts(feed(records, output("c", "1-2"))) == "c"


def test_a_reset_voids_what_is_held_and_begins_anew() -> None:
    records = Records()
    events = feed(records, output("a", "1-5"), output("cut"), event("reset", {"attempt": 2}), output("b", "2-0"))
    assert texts(events) == "a[2]b"
    assert records.last_event_id == "2-0"


def test_a_reset_is_told_once() -> None:
    records = Records()
    feed(records, output("a", "1-5"), event("reset", {"attempt": 2}))
    assert records.last_event_id is None
    records.reconnect()
    assert feed(records, event("reset", {"attempt": 2})) == []


def test_a_reset_that_was_missed_is_told_before_the_new_output() -> None:
    records = Records()
    first = feed(records, output("a", "1-0"))
    records.reconnect()
    assert texts(first + feed(records, output("b", "3-0"))) == "a[3]b"


def test_what_is_left_of_a_character_comes_before_the_end() -> None:
    events = feed(Records(), output("\ufffd"), END)
    assert [type(each) for each in events] == [OutputPiece, Ended]


def test_nothing_is_told_after_the_end() -> None:
    assert len(feed(Records(), END + output("late", "9-9") + END)) == 1


@pytest.mark.parametrize(
    "broken",
    [
        b"event: stdout\nid: 1-0\ndata: {\n\n",
        b"event: stdout\nid: 1-0\ndata: []\n\n",
        b"event: stdout\nid: 1-0\ndata: {}\n\n",
        b'event: stdout\nid: 1-0\ndata: {"text": 1}\n\n',
        b'event: end\ndata: {"id": "x"}\n\n',
        b'event: stdout\nid: next\ndata: {"text": "a"}\n\n',
        b"event: status\ndata: " + b"[" * 100_000 + b"\n\n",
    ],
)
def test_an_event_that_is_none_is_refused(broken: bytes) -> None:
    with pytest.raises(UnreadableAnswer):
        feed(Records(), broken)
