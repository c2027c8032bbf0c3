"""Deadlines, repetitions and reconnections, with a clock that only the test moves."""

from __future__ import annotations

from typing import Any, Callable, List, Optional, Tuple, Union

import pytest
from scripted_site import RUN_ID, answer, event, json_answer, output, problem, run_json, stream

from oneshot import ConnectionFailed, DeadlineExceeded, NotFound, Reset, Unavailable
from oneshot.core.operations import Operations
from oneshot.core.steps import Emit, Failure, Open, Pause, Receive
from oneshot.models import Submission

REFUSED = Failure("refused")
LATE = Failure("no answer in time", timed_out=True)
SILENT = "silent"  # the site says nothing until the step's deadline
Conversation = List[Union[bytes, Failure, str]]


class Player:
    """Performs the steps of an operation: each connection is the next item of the script, and after the last one they repeat it.
    `pace`: the bytes that come at once, and the seconds until they do."""

    def __init__(self, *script: Union[bytes, Failure, str], pace: Tuple[int, float] = (1_000_000, 0.0)):
        self.pace = pace
        self.script: Conversation = list(script)
        self.now = 1000.0
        self.opened: List[bytes] = []
        self.open_deadlines: List[float] = []
        self.pauses: List[float] = []
        self.items: List[Any] = []
        self.operations = Operations("http://site", None, clock=lambda: self.now, chance=lambda: 1.0)

    def play(self, operation: Any) -> Any:
        reply: Union[bytes, Failure] = b""
        parts: Conversation = []
        try:
            step = next(operation)
            while True:
                reply = b""
                if isinstance(step, Open) and self.now >= step.deadline:
                    reply = LATE
                elif isinstance(step, Open):
                    self.opened.append(step.request)
                    self.open_deadlines.append(step.deadline)
                    now = self.script.pop(0) if len(self.script) > 1 else self.script[0]
                    reply = now if isinstance(now, Failure) else b""
                    parts = [now[at : at + self.pace[0]] for at in range(0, len(now), self.pace[0])] if isinstance(now, bytes) else [now]
                    parts.append(b"")
                elif isinstance(step, Receive):
                    part = parts.pop(0)
                    self.now += self.pace[1]
                    assert self.now <= step.deadline
                    if isinstance(part, str):
                        self.now = max(self.now, step.deadline)
                        reply = LATE
                    else:
                        reply = part
                elif isinstance(step, Pause):
                    self.pauses.append(step.until - self.now)
                    self.now = max(self.now, step.until)
                elif isinstance(step, Emit):
                    self.items.append(step.item)
                step = operation.send(reply)
        except StopIteration as end:
            return end.value


def submitted(player: Player, timeout: Optional[float] = None) -> Any:
    return player.play(player.operations.submit(Submission("print(1)"), None, timeout))


def test_a_submission_is_repeated_byte_for_byte_with_its_key() -> None:
    player = Player(REFUSED, problem(503, "unknown_outcome"), b"", json_answer(run_json("queued"), 201))
    assert submitted(player).id == RUN_ID
    assert len(player.opened) == 4
    assert len(set(player.opened)) == 1
    assert b"Idempotency-Key: " in player.opened[0]


def test_each_submission_has_a_key_of_its_own() -> None:
    player = Player(json_answer(run_json("queued"), 201))
    submitted(player)
    submitted(player)
    assert len(set(player.opened)) == 2


def test_the_site_says_when_to_come_again() -> None:
    player = Player(problem(429, "too_many_queued_runs", headers={"Retry-After": "7"}), json_answer(run_json("queued"), 201))
    submitted(player)
    assert player.pauses == [7.25]


def test_nobody_waits_for_a_time_that_he_does_not_have() -> None:
    player = Player(problem(503, "queue_full", headers={"Retry-After": "60"}))
    with pytest.raises(Unavailable) as caught:
        submitted(player, timeout=30)
    assert (caught.value.code, caught.value.retry_after, player.now) == ("queue_full", 60, 1000.0)


def test_a_site_that_stays_away_is_given_up_at_the_deadline() -> None:
    player = Player(REFUSED)
    with pytest.raises(ConnectionFailed, match="refused"):
        submitted(player, timeout=30)
    assert 1020 < player.now <= 1030
    assert player.pauses[:4] == [0.25, 0.5, 1, 2]


def test_a_site_that_says_nothing_is_asked_again_over_another_connection() -> None:
    player = Player(SILENT, json_answer(run_json("queued"), 201))
    submitted(player, timeout=100)
    assert len(player.opened) == 2


def test_an_answer_may_take_long_as_long_as_it_comes() -> None:
    player = Player(answer(200, b"x" * 1000), pace=(100, 10.0))
    assert player.play(player.operations.output(RUN_ID, "stdout", 1000)) == b"x" * 1000
    assert player.now > 1100
    assert len(player.opened) == 1


def test_a_large_submission_has_more_time_to_be_sent() -> None:
    player = Player(json_answer(run_json("queued"), 201))
    player.play(player.operations.submit(Submission("", files={"x": b"x" * 3_000_000}), None, 1000))
    assert player.open_deadlines[0] > 1000 + 100


def test_a_site_that_says_nothing_costs_no_more_than_the_deadline() -> None:
    player = Player(SILENT)
    with pytest.raises(DeadlineExceeded):
        submitted(player, timeout=5)
    assert player.now == 1005


@pytest.mark.parametrize("timeout", [0, -1, float("nan"), float("inf")])
def test_a_deadline_is_a_time(timeout: float) -> None:
    with pytest.raises(ValueError, match="timeout"):
        submitted(Player(REFUSED), timeout)


def test_the_end_is_waited_for_in_polls_that_proxies_bear() -> None:
    player = Player(json_answer(run_json("running")), json_answer(run_json("running")), json_answer(run_json()))
    assert player.play(player.operations.wait(RUN_ID, 600)).succeeded
    assert [request.split(b" ")[1] for request in player.opened] == [f"/api/v1/runs/{RUN_ID}?wait=25.000".encode()] * 3


def test_a_site_that_does_not_wait_is_not_hammered() -> None:
    player = Player(json_answer(run_json("running")))
    with pytest.raises(DeadlineExceeded):
        player.play(player.operations.wait(RUN_ID, 10))
    assert len(player.opened) == 40
    assert player.now == 1010


def test_waiting_survives_a_restart_of_the_site() -> None:
    player = Player(
        json_answer(run_json("running")),
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{",
        REFUSED,
        problem(502, "api_unreachable"),
        json_answer(run_json()),
    )
    assert player.play(player.operations.wait(RUN_ID, 600)).succeeded


def test_the_run_is_named_when_the_time_to_wait_is_over() -> None:
    player = Player(json_answer(run_json("queued")), SILENT)
    with pytest.raises(DeadlineExceeded, match="queued") as caught:
        player.play(player.operations.wait(RUN_ID, 10))
    assert (caught.value.run_id, player.now) == (RUN_ID, 1010)


def test_a_deletion_whose_answer_was_lost_is_one() -> None:
    player = Player(b"", problem(404, "run_not_found"))
    player.play(player.operations.delete(RUN_ID, None))
    with pytest.raises(NotFound):
        only = Player(problem(404, "run_not_found"))
        only.play(only.operations.delete(RUN_ID, None))


def sent(player: Player, seq: Optional[int]) -> Any:
    return player.play(player.operations.send(RUN_ID, "x", seq, 100))


TAKEN = json_answer({"next_seq": 1}, 202)
UNSENT = Failure("refused", nothing_sent=True)
NOT_DONE = [UNSENT, problem(503, "unavailable"), problem(429, "too_many_requests")]
PERHAPS_DONE = [REFUSED, SILENT, b"", problem(502, "api_unreachable"), problem(504, "timeout"), problem(503, "unknown_outcome")]


@pytest.mark.parametrize("outcome", [*NOT_DONE, *PERHAPS_DONE])
def test_input_with_its_number_is_sent_until_it_is_taken(outcome: Any) -> None:
    player = Player(outcome, outcome, TAKEN)
    assert (sent(player, 0), len(set(player.opened)), len(player.opened)) == (1, 1, 3)


@pytest.mark.parametrize("outcome", NOT_DONE)
def test_input_without_a_number_is_sent_again_where_it_cannot_have_arrived(outcome: Any) -> None:
    player = Player(outcome, TAKEN)
    assert (sent(player, None), len(player.opened)) == (1, 2)


@pytest.mark.parametrize("outcome", PERHAPS_DONE)
def test_input_without_a_number_is_not_sent_again_where_it_may_have_arrived(outcome: Any) -> None:
    player = Player(outcome, TAKEN)
    with pytest.raises((ConnectionFailed, DeadlineExceeded, Unavailable)):
        sent(player, None)
    assert len(player.opened) == 1


def followed(player: Player, timeout: float = 600) -> str:
    player.play(player.operations.events(RUN_ID, timeout))
    return "".join(f"[{each.attempt}]" if isinstance(each, Reset) else getattr(each, "text", "") for each in player.items)


END = event("end", run_json())


def cut(*events: bytes) -> bytes:
    return stream(*events, is_complete=False)


def test_a_broken_stream_goes_on_behind_its_last_record() -> None:
    player = Player(cut(output("a", "1-0"), output("b", "1-1"), output("half")), REFUSED, stream(output("c", "1-2"), END))
    assert followed(player) == "abc"
    assert b"Last-Event-ID" not in player.opened[0]
    assert b"Last-Event-ID: 1-1\r\n" in player.opened[2]


def test_a_stream_that_ends_without_the_end_is_taken_up_again() -> None:
    assert followed(Player(stream(output("a", "1-0")), stream(output("b", "1-1"), END))) == "ab"


def test_a_silent_stream_is_given_up_and_taken_up_again() -> None:
    player = Player(SILENT, stream(output("a", "1-0"), END))
    assert followed(player) == "a"
    assert 1040 <= player.now < 1050


def test_another_attempt_after_a_restart_voids_the_first() -> None:
    assert followed(Player(cut(output("a", "1-0")), stream(event("reset", {"attempt": 2}), output("b", "2-0"), END))) == "a[2]b"


def test_the_stream_is_reopened_as_slowly_as_the_site_wishes() -> None:
    player = Player(cut(b"retry: 2000\n\n"), cut(b"retry: 2000\n\n"), stream(END))
    followed(player)
    assert player.pauses == [4, 8]  # nothing was heard


def test_a_stream_that_never_ends_costs_no_more_than_the_deadline() -> None:
    player = Player(SILENT)
    with pytest.raises(DeadlineExceeded) as caught:
        followed(player, timeout=100)
    assert caught.value.run_id == RUN_ID
    assert player.now <= 1100


@pytest.mark.parametrize(
    ("reply", "error"),
    [(problem(404, "run_not_found"), NotFound), (problem(503, "unavailable", headers={"Retry-After": "999"}), Unavailable)],
)
def test_a_stream_that_is_refused_says_why(reply: bytes, error: type) -> None:
    with pytest.raises(error):
        followed(Player(reply))


def test_pages_are_read_until_there_are_no_more_or_enough() -> None:
    pages = [
        json_answer({"runs": [run_json(), run_json()], "next_cursor": "a&b"}),
        json_answer({"runs": [run_json()], "next_cursor": None}),
    ]
    count: Callable[[Optional[int]], Player] = lambda limit: _listed(Player(*pages), limit)  # noqa: E731
    assert len(count(None).items) == 3
    assert b"cursor=a%26b" in count(None).opened[1]
    assert (len(count(2).items), len(count(2).opened)) == (2, 1)
    assert len(count(1).items) == 1


def _listed(player: Player, limit: Optional[int]) -> Player:
    player.play(player.operations.list(None, limit, 2, None))
    return player
