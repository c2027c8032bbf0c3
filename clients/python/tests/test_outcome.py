"""Which outcomes are tried again, and after how long; which errors the others are."""

from __future__ import annotations

import json
import socket
from typing import Optional

import pytest

from oneshot import errors
from oneshot.core.answer import Head
from oneshot.core.outcome import Answer, error_of, pause_before_repetition
from oneshot.core.steps import Failure, failure_of

NOW = 1_700_000_000.0  # Tue, 14 Nov 2023 22:13:20 GMT


def refusal(status: int, body: bytes = b"", **headers: str) -> Answer:
    return Answer(Head(status, {name.replace("_", "-"): value for name, value in headers.items()}), body)


@pytest.mark.parametrize(
    ("value", "pause"),
    [
        ("7", 7.0),
        ("0", 0.25),
        ("Tue, 14 Nov 2023 22:13:30 GMT", 10.0),
        ("Tue, 14 Nov 2023 22:00:00 GMT", 0.25),
        ("soon", 0.125),
        ("-3", 0.125),
        ("", 0.125),
    ],
)
def test_retry_after_is_obeyed_as_seconds_and_as_a_date(value: str, pause: float) -> None:
    assert pause_before_repetition(refusal(429, retry_after=value), 0, 0.0, NOW) == pause


@pytest.mark.parametrize("status", [408, 429, 502, 503, 504])
def test_what_may_be_otherwise_later_is_tried_again(status: int) -> None:
    assert pause_before_repetition(refusal(status), 0, 0.0, NOW) is not None


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 409, 410, 413, 422, 500])
def test_what_would_be_the_same_again_is_not(status: int) -> None:
    assert pause_before_repetition(refusal(status, retry_after="1"), 0, 0.0, NOW) is None


def test_pauses_grow_to_a_bound_and_differ_between_clients() -> None:
    pauses = [pause_before_repetition(Failure("refused"), tries, 1.0, NOW) for tries in (0, 1, 2, 3, 4, 5, 6, 1000)]
    assert pauses == [0.25, 0.5, 1, 2, 4, 8, 8, 8]
    assert pause_before_repetition(Failure("refused"), 5, 0.0, NOW) == 4


@pytest.mark.parametrize(
    ("fault", "is_final"),
    [
        (socket.gaierror(socket.EAI_NONAME, "unknown"), True),
        (socket.gaierror(socket.EAI_AGAIN, "later"), False),
        (ConnectionRefusedError("refused"), False),
    ],
)
def test_a_name_that_does_not_exist_is_not_asked_for_again(fault: Exception, is_final: bool) -> None:
    failure = failure_of(fault, "site:8000")
    assert (failure.is_final, pause_before_repetition(failure, 0, 0.0, NOW) is None) == (is_final, is_final)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (302, errors.Redirected),
        (400, errors.InvalidRequest),
        (401, errors.NotAllowed),
        (403, errors.NotAllowed),
        (404, errors.NotFound),
        (408, errors.Unavailable),
        (409, errors.RunIsActive),
        (410, errors.NotFound),
        (413, errors.InvalidRequest),
        (422, errors.InvalidRequest),
        (429, errors.Unavailable),
        (500, errors.ServerFault),
        (501, errors.ServerFault),
        (503, errors.Unavailable),
    ],
)
def test_errors_are_named_after_what_can_be_done(status: int, kind: type) -> None:
    assert type(error_of(refusal(status))) is kind


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (409, "run_ended", errors.RunHasEnded),
        (409, "stdin_not_open", errors.InputNotOpen),
        (409, "stdin_ended", errors.InputEnded),
        (409, "stdin_out_of_order", errors.InputOutOfOrder),
        (413, "stdin_too_large", errors.InputTooLarge),
        (409, "run_active", errors.RunIsActive),
        (413, "body_too_large", errors.InvalidRequest),
        (503, "run_ended", errors.Unavailable),
    ],
)
def test_refused_input_is_named_after_why(status: int, code: str, kind: type) -> None:
    error = error_of(refusal(status, json.dumps({"code": code}).encode()))
    assert type(error) is kind
    assert isinstance(error, errors.InputRefused) == (status == 409 and code != "run_active")


def test_a_refusal_names_each_field_and_its_limit() -> None:
    body = {
        "title": "The run is invalid",
        "code": "invalid_run",
        "request_id": "b2f1",
        "detail": "…",
        "errors": [
            {"pointer": "/limits/wall_seconds", "code": "out_of_range", "detail": "must be between 0.1 and 60 seconds"},
            {"parameter": "wait", "code": "out_of_range", "detail": "must be at most 60"},
            {"pointer": "/files/0/a~1b~0", "detail": "is too long"},
        ],
    }
    error = error_of(refusal(422, json.dumps(body).encode()))
    assert isinstance(error, errors.InvalidRequest)
    assert [each.field for each in error.errors] == ["limits.wall_seconds", "wait", "files.0.a/b~"]
    assert str(error) == (
        "The run is invalid: limits.wall_seconds must be between 0.1 and 60 seconds; wait must be at most 60; files.0.a/b~ is too long"
        " (invalid_run, request b2f1)"
    )


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"[" * 100_000, b'{"title": 1, "errors": [1, {"pointer": 2}], "code": {}}'])
def test_a_refusal_is_one_whatever_its_body(body: bytes) -> None:
    error = error_of(refusal(503, body, x_request_id="r9"))
    assert isinstance(error, errors.Unavailable)
    assert (error.status, error.code, error.request_id) == (503, None, "r9")
    assert str(error) == "The site answered with status 503 (status 503, request r9)"


@pytest.mark.parametrize(("timed_out", "kind"), [(True, errors.DeadlineExceeded), (False, errors.ConnectionFailed)])
def test_failures_tell_time_from_connections(timed_out: bool, kind: Optional[type]) -> None:
    assert type(error_of(Failure("why", timed_out=timed_out))) is kind
