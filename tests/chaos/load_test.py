"""What the submitters make of answers that are lost and streams that break."""

import json

import pytest

from client import Answer
from load import SUBMITTERS, Load
from record import Record

ADDRESS = SUBMITTERS[0]
RUN = {
    "id": "r1", "status": "queued", "exit_code": None, "signal": None, "reason": None, "truncated": False, "attempt": 0, "started_at": None,
    "finished_at": None, "output": {}, "interruptions": [],
}  # fmt: skip
ENDED = RUN | {"status": "succeeded", "exit_code": 0, "attempt": 1}


class FakeApi:
    """Gives out what a test has laid down: answers, or exceptions to raise."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked: list[tuple] = []

    def request(self, *arguments):
        self.asked.append(arguments)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return Answer(answer[0], {}, json.dumps(answer[1]).encode())

    def events(self, run_id, last_id):
        """Ids stay as they are until another one comes, as in a client of Server-Sent Events."""
        self.asked.append((run_id, last_id))
        event_id = None
        for event in self.answers.pop(0):
            if isinstance(event, Exception):
                raise event
            name, event_id, data = event[0], event[1] or event_id, event[2]
            yield name, event_id, data


@pytest.fixture
def ended():
    return []


@pytest.fixture
def load(ended, monkeypatch):
    monkeypatch.setattr("load.PAUSE_SECONDS", 0)
    return Load(Record(seed=1, minutes=1), "http://127.0.0.1:1", lambda: 5.0, ended.append, keys_work=False)


def submit(load, *answers, keys_work=False):
    api = load.apis[ADDRESS] = FakeApi(*answers)
    load.keys_work = keys_work
    submission, body = load.prepare(ADDRESS, "short", 1)
    load.submit(submission, body, 10)
    return submission, api


def test_an_accepted_run_has_its_id_and_its_wait(load):
    submission, _ = submit(load, (201, RUN))
    assert (submission.run_id, submission.status, submission.first_end) == ("r1", 201, None)
    assert [(wait.seconds, wait.ended, wait.how) for wait in load.record.waits] == [(10, 5.0, "201")]


def test_an_answer_that_is_lost_leaves_the_submission_open(load):
    submission, api = submit(load, ConnectionResetError())
    assert (submission.run_id, submission.status, len(api.asked)) == (None, None, 1)
    assert load.record.waits[0].ended == 5.0  # a broken connection is an end


def test_a_request_without_any_answer_is_a_wait_that_did_not_end(load):
    submission, _ = submit(load, TimeoutError())
    assert submission.run_id is None and load.record.waits[0].ended is None


def test_with_keys_a_lost_answer_is_asked_for_again(load):
    submission, api = submit(load, ConnectionResetError(), (200, RUN), keys_work=True)
    assert submission.run_id == "r1"
    first, second = api.asked
    assert first == second and first[3]["idempotency-key"]


def test_a_refusal_is_no_run(load):
    submission, _ = submit(load, (503, {"code": "unavailable"}))
    assert (submission.run_id, submission.status) == (None, 503) and "unavailable" in submission.fault


def test_each_submission_is_found_by_its_limit(load):
    marks = {load.prepare(ADDRESS, "short", 1)[0].output_bytes for _ in range(100)}
    bodies = {json.loads(load.prepare(ADDRESS, "short", 1)[1])["limits"]["output_bytes"] for _ in range(100)}
    assert len(marks) == len(bodies) == 100


def test_an_end_is_told_to_the_watcher(load, ended):
    submission, _ = submit(load, (201, ENDED))
    assert ended == [submission.marker] and submission.first_end["status"] == "succeeded"


def follow(load, *connections):
    submission, _ = submit(load, (201, RUN))
    api = load.streams[ADDRESS] = FakeApi(*connections)
    load.follow(submission)
    return submission.follower, api


END = ("end", None, {"status": "succeeded"})


def test_a_stream_is_put_together_over_its_connections(load):
    follower, api = follow(
        load,
        [("stdout", "1-0", {"text": "a"}), ("stderr", "1-1", {"text": "x"}), OSError()],
        [("stdout", "1-2", {"text": "b"}), END],
    )
    assert (follower.stdout, follower.stderr, follower.connections, follower.end_status) == ("ab", "x", 2, "succeeded")
    assert [last_id for _, last_id in api.asked] == [None, "1-1"]
    assert load.record.waits[-1].ended is not None


def test_what_had_no_id_when_the_stream_broke_comes_again(load):
    follower, _ = follow(
        load,
        [("stdout", "1-0", {"text": "a"}), ("stdout", None, {"text": "b"}), ("stderr", None, {"text": "y"}), OSError()],
        [("stdout", None, {"text": "b"}), ("stderr", None, {"text": "y"}), ("stdout", "1-1", {"text": "c"}), END],
    )
    assert (follower.stdout, follower.stderr) == ("abc", "y")


def test_a_run_that_starts_over_begins_anew(load):
    follower, _ = follow(load, [("stdout", "1-0", {"text": "a"}), ("reset", None, {}), ("stdout", "2-0", {"text": "b"}), END])
    assert (follower.stdout, follower.resets) == ("b", 1)


def test_a_stream_without_an_end_is_a_wait_that_did_not_end(load):
    load.calm.set()
    follower, _ = follow(load)
    assert follower.end_status == "" and load.record.waits[-1].ended is None
