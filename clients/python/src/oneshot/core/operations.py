"""What a client can do, step by step. Deadlines, repetitions and reconnections are decided here, for both clients."""

from __future__ import annotations

import logging
import math
import os
import random
import secrets
import time
from typing import Callable, Generator, Optional, Union

from oneshot.core import request as requests
from oneshot.core.answer import AnswerReader, CutShort
from oneshot.core.fields import Fields, parse_object
from oneshot.core.outcome import FIRST_PAUSE_SECONDS, Answer, Outcome, error_of, may_have_been_done, pause_before_repetition
from oneshot.core.records import Records
from oneshot.core.request import Request, Site
from oneshot.core.steps import Emit, Failure, IoStep, Open, Operation, Pause, Receive, Reply, Stream
from oneshot.errors import DeadlineExceeded, UnreadableAnswer
from oneshot.events import Event
from oneshot.models import Environment, Run, StreamName, Submission

DEFAULT_URL = "http://localhost:8000"
CALL_SECONDS = 30.0
WAIT_SECONDS = 600.0
POLL_SECONDS = 25.0  # of one request for the end of a run: proxies cut connections that are silent for a minute, some for half of one
ANSWER_SECONDS = 20.0  # of silence, besides what the site was asked to wait: after it the answer counts as lost
SLOWEST_BYTES = 32 * 1024  # a second, at which a submission with its files is still sent
SILENCE_SECONDS = 40.0  # of a stream: two heartbeats, which may be late. After it the connection is dead
ANSWER_BYTES = 256 * 1024 * 1024  # more than a site may keep of a run

log = logging.getLogger("oneshot")


class Operations:
    """Has no state of its own, so one client may serve any number of threads or tasks."""

    def __init__(
        self,
        url: Optional[str],
        api_key: Optional[str],
        timeout: float = CALL_SECONDS,
        wait_timeout: float = WAIT_SECONDS,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ):
        self.site = Site.parse(url or os.environ.get("ONESHOT_URL") or DEFAULT_URL, api_key or os.environ.get("ONESHOT_API_KEY") or None)
        self._timeout = timeout
        self._wait_timeout = wait_timeout
        self._clock = clock
        self._chance = chance

    def submit(self, submission: Submission, key: Optional[str], timeout: Optional[float]) -> Operation[Run]:
        return (yield from self._submit(submission, key, self._deadline(timeout, self._timeout)))

    def run(self, submission: Submission, key: Optional[str], timeout: Optional[float]) -> Operation[Run]:
        deadline = self._deadline(timeout, self._wait_timeout)
        accepted = yield from self._submit(submission, key, deadline)
        return (yield from self._wait(accepted.id, deadline))

    def wait(self, run_id: str, timeout: Optional[float]) -> Operation[Run]:
        return (yield from self._wait(run_id, self._deadline(timeout, self._wait_timeout)))

    def get(self, run_id: str, timeout: Optional[float]) -> Operation[Run]:
        return Run.of((yield from self._call_json("run", requests.get_request(run_id), timeout)))

    def list(self, status: Optional[str], limit: Optional[int], page_size: int, timeout: Optional[float]) -> Stream[Run]:
        cursor: Optional[str] = ""
        left = math.inf if limit is None else limit
        while cursor is not None and left > 0:
            page = yield from self._call_json("list of runs", requests.list_request(status, page_size, cursor), timeout)
            for run in page.children("runs"):
                if left > 0:
                    yield Emit(Run.of(run))
                left -= 1
            cursor = page.maybe_text("next_cursor")

    def send(self, run_id: str, data: Union[str, bytes], seq: Optional[int], timeout: Optional[float]) -> Operation[int]:
        content = data.encode("utf-8") if isinstance(data, str) else data
        return (yield from self._call_json("input", requests.stdin_request(run_id, content, seq), timeout)).whole("next_seq")

    def end_input(self, run_id: str, seq: Optional[int], timeout: Optional[float]) -> Operation[int]:
        return (yield from self._call_json("input", requests.stdin_request(run_id, None, seq), timeout)).whole("next_seq")

    def cancel(self, run_id: str, timeout: Optional[float]) -> Operation[Run]:
        return Run.of((yield from self._call_json("run", requests.cancel_request(run_id), timeout)))

    def delete(self, run_id: str, timeout: Optional[float]) -> Operation[None]:
        deadline = self._deadline(timeout, self._timeout)
        # After a repetition 404 says that an earlier request, whose answer was lost, has deleted the run.
        yield from self._call(requests.delete_request(run_id), deadline, done_if_repeated=404)

    def submission(self, run_id: str, timeout: Optional[float]) -> Operation[Submission]:
        return Submission.of((yield from self._call_json("submission", requests.submission_request(run_id), timeout)))

    def environment(self, timeout: Optional[float]) -> Operation[Environment]:
        return Environment.of((yield from self._call_json("environment", requests.environment_request(), timeout)))

    def output(self, run_id: str, stream: StreamName, timeout: Optional[float]) -> Operation[bytes]:
        deadline = self._deadline(timeout, self._timeout)
        return (yield from self._call(requests.output_request(run_id, stream), deadline)).body

    def display(self, run_id: str, number: int, timeout: Optional[float]) -> Operation[bytes]:
        deadline = self._deadline(timeout, self._timeout)
        return (yield from self._call(requests.display_request(run_id, number), deadline)).body

    def output_file(self, run_id: str, number: int, timeout: Optional[float]) -> Operation[bytes]:
        deadline = self._deadline(timeout, self._timeout)
        return (yield from self._call(requests.output_file_request(run_id, number), deadline)).body

    def events(self, run_id: str, timeout: Optional[float]) -> Stream[Event]:
        deadline = self._deadline(timeout, self._wait_timeout)
        records = Records()
        tries = 0
        while True:
            records.reconnect()
            outcome = yield from self._stream_once(requests.events_request(run_id, records.last_event_id), records, deadline)
            if records.has_ended:
                return
            tries = 0 if records.heard else tries + 1
            try:
                yield from self._pause(outcome, tries, deadline, records.retry_seconds or FIRST_PAUSE_SECONDS)
            except DeadlineExceeded:
                raise DeadlineExceeded(f"run {run_id} has not ended in time", run_id) from None

    def _deadline(self, timeout: Optional[float], default: float) -> float:
        seconds = default if timeout is None else timeout
        if not 0 < seconds < math.inf:
            raise ValueError(f"a timeout is a positive number of seconds, not {seconds!r}")
        return self._clock() + seconds

    def _submit(self, submission: Submission, key: Optional[str], deadline: float) -> Operation[Run]:
        request = requests.submit_request(submission, key or secrets.token_hex(16))
        answer = yield from self._call(request, deadline)
        return Run.of(Fields("run", parse_object("run", answer.body)))

    def _wait(self, run_id: str, deadline: float) -> Operation[Run]:
        status = "not known to have begun"
        while True:
            asked = self._clock()
            poll = min(POLL_SECONDS, max(0.0, deadline - asked))
            try:
                answer = yield from self._call(requests.get_request(run_id, poll), deadline, poll)
            except DeadlineExceeded:
                raise DeadlineExceeded(f"run {run_id} has not ended in time: it is {status}", run_id) from None
            run = Run.of(Fields("run", parse_object("run", answer.body)))
            if run.ended:
                return run
            status = run.status
            yield Pause(min(deadline, asked + FIRST_PAUSE_SECONDS))  # for a site that does not wait

    def _call_json(self, what: str, request: Request, timeout: Optional[float]) -> Operation[Fields]:
        answer = yield from self._call(request, self._deadline(timeout, self._timeout))
        return Fields(what, parse_object(what, answer.body))

    def _call(self, request: Request, deadline: float, patience: float = 0.0, done_if_repeated: Optional[int] = None) -> Operation[Answer]:
        """The answer, once it is a good one. `patience` is how long the site was asked to wait."""
        tries = 0
        while True:
            outcome = yield from self._exchange(request, deadline, patience + ANSWER_SECONDS)
            if isinstance(outcome, Answer):
                status = outcome.head.status
                if 200 <= status < 300 or (tries and status == done_if_repeated):
                    return outcome
            if not request.is_repeatable and may_have_been_done(outcome):
                raise error_of(outcome, time.time())
            yield from self._pause(outcome, tries, deadline)
            tries += 1

    def _pause(self, outcome: Outcome, tries: int, deadline: float, first: float = FIRST_PAUSE_SECONDS) -> Operation[None]:
        """Waits until it is time to try again, or raises what came of the last try."""
        pause = pause_before_repetition(outcome, tries, self._chance(), time.time(), first)
        until = self._clock() + (pause or 0.0)
        if pause is None or until >= deadline:
            raise error_of(outcome, time.time())
        reason = outcome.reason if isinstance(outcome, Failure) else str(error_of(outcome))
        log.info("%s; trying again in %.1f s", reason, pause)
        yield Pause(until)

    def _open(self, request: Request, deadline: float) -> Open:
        content = request.encode(self.site)
        return Open(content, min(deadline, self._clock() + ANSWER_SECONDS + len(content) / SLOWEST_BYTES))

    def _exchange(self, request: Request, deadline: float, silence: float) -> Operation[Outcome]:
        opened = yield self._open(request, deadline)
        if isinstance(opened, Failure):
            return opened
        reader = AnswerReader()
        body = bytearray()
        while not reader.is_complete:
            data = yield Receive(min(deadline, self._clock() + silence))
            if isinstance(data, Failure):
                return data
            try:
                body += reader.feed(data)
            except CutShort:
                return Failure("the connection was closed before the answer was complete")
            _check_length(body)
        assert reader.head is not None  # an answer without a head is not complete
        return Answer(reader.head, bytes(body))

    def _stream_once(self, request: Request, records: Records, deadline: float) -> Generator[Union[IoStep, Emit[Event]], Reply, Outcome]:
        """Passes on the events of one connection, and returns why there are no more."""
        opened = yield self._open(request, deadline)
        if isinstance(opened, Failure):
            return opened
        reader = AnswerReader()
        refusal = bytearray()
        while not reader.is_complete:
            data = yield Receive(min(deadline, self._clock() + SILENCE_SECONDS))
            if isinstance(data, Failure):
                return data
            try:
                body = reader.feed(data)
            except CutShort:
                break
            if reader.head is None or reader.head.status != 200:
                refusal += body
                _check_length(refusal)
                continue
            if reader.head.media_type != "text/event-stream":
                raise UnreadableAnswer(f"the events came as {reader.head.media_type!r}")
            for event in records.feed(body):
                yield Emit(event)
            if records.has_ended:
                break
        if reader.is_complete and reader.head is not None and reader.head.status != 200:
            return Answer(reader.head, bytes(refusal))
        return Failure("the stream of events was closed")


def _check_length(body: bytearray) -> None:
    if len(body) > ANSWER_BYTES:
        raise UnreadableAnswer("the answer is too long")
