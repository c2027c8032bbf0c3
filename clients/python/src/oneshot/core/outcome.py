"""What came of a request: whether it is repeated, and which error it is otherwise."""

from __future__ import annotations

import email.utils
import json
from dataclasses import dataclass
from typing import Dict, Optional, Tuple, Type, Union

from oneshot.core.answer import Head
from oneshot.core.steps import Failure
from oneshot.errors import (
    ApiError,
    ConnectionFailed,
    DeadlineExceeded,
    FieldError,
    InputEnded,
    InputNotOpen,
    InputOutOfOrder,
    InputTooLarge,
    InvalidRequest,
    NotAllowed,
    NotFound,
    OneshotError,
    Redirected,
    RunHasEnded,
    RunIsActive,
    ServerFault,
    Unavailable,
)

FIRST_PAUSE_SECONDS = 0.25
LONGEST_PAUSE_SECONDS = 8.0
TRY_LATER = frozenset({408, 429, 502, 503, 504})
KINDS: Dict[int, Type[ApiError]] = {401: NotAllowed, 403: NotAllowed, 404: NotFound, 409: RunIsActive, 410: NotFound}
KINDS_OF_CODES: Dict[Tuple[int, Optional[str]], Type[ApiError]] = {
    (409, "run_ended"): RunHasEnded,
    (409, "stdin_not_open"): InputNotOpen,
    (409, "stdin_ended"): InputEnded,
    (409, "stdin_out_of_order"): InputOutOfOrder,
    (413, "stdin_too_large"): InputTooLarge,
}


@dataclass(frozen=True)
class Answer:
    head: Head
    body: bytes


Outcome = Union[Answer, Failure]


def pause_before_repetition(
    outcome: Outcome, tries: int, chance: float, wall_time: float, first: float = FIRST_PAUSE_SECONDS
) -> Optional[float]:
    """Seconds until the request is sent again, or None where that would bring the same. `tries` is how many were made before this one, `chance` a random number from 0 to 1, which keeps clients
    that failed together from coming back together."""
    if isinstance(outcome, Failure):
        wanted = None if not outcome.is_final else -1.0
    elif outcome.head.status in TRY_LATER:
        wanted = retry_after(outcome.head, wall_time)
    else:
        wanted = -1.0
    if wanted is None:
        return min(LONGEST_PAUSE_SECONDS, first * 2.0 ** min(tries, 10)) * (0.5 + chance / 2)
    return None if wanted < 0 else max(wanted, FIRST_PAUSE_SECONDS) + chance * FIRST_PAUSE_SECONDS


def may_have_been_done(outcome: Outcome) -> bool:
    """Whether the site may have acted on a request that was not answered well."""
    if isinstance(outcome, Failure):
        return not outcome.nothing_sent
    return outcome.head.status in (502, 504) or _text(_problem(outcome), "code") == "unknown_outcome"


def retry_after(head: Head, wall_time: float) -> Optional[float]:
    """The header's seconds, which may also be told as a date (RFC 9110, 10.2.3)."""
    value = head.headers.get("retry-after", "")
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - wall_time)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None


def error_of(outcome: Outcome, wall_time: float = 0.0) -> OneshotError:
    if isinstance(outcome, Failure):
        return DeadlineExceeded("the site did not answer in time") if outcome.timed_out else ConnectionFailed(outcome.reason)
    head = outcome.head
    if 300 <= head.status < 400:
        return Redirected(head.headers.get("location", ""))
    problem = _problem(outcome)
    code = _text(problem, "code")
    kind: Type[ApiError] = KINDS.get(head.status, InvalidRequest if head.status < 500 else ServerFault)
    kind = KINDS_OF_CODES.get((head.status, code), kind)
    if head.status in TRY_LATER:
        kind = Unavailable
    return kind(
        head.status,
        _text(problem, "title") or f"The site answered with status {head.status}",
        code=code,
        detail=_text(problem, "detail"),
        request_id=_text(problem, "request_id") or head.headers.get("x-request-id"),
        errors=_field_errors(problem.get("errors")),
        retry_after=retry_after(head, wall_time),
    )


# A refusal is one whatever its body says, so what does not fit is left out.
def _problem(answer: Answer) -> Dict[str, object]:
    try:
        problem: object = json.loads(answer.body)
    except (ValueError, RecursionError):
        return {}
    return problem if isinstance(problem, dict) else {}


def _text(source: Dict[str, object], name: str) -> Optional[str]:
    value = source.get(name)
    return value if isinstance(value, str) else None


def _field_errors(value: object) -> Tuple[FieldError, ...]:
    errors = [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
    return tuple(FieldError(_field(each), _text(each, "code") or "", _text(each, "detail") or "") for each in errors)


def _field(error: Dict[str, object]) -> str:
    """`/limits/wall_seconds` as `limits.wall_seconds`."""
    pointer = _text(error, "pointer")
    if pointer is None:
        return _text(error, "parameter") or ""
    return ".".join(part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:])
