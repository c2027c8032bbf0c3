"""Everything that a call can raise, named after what the caller may do about it. Wrong arguments are ValueErrors, raised before anything
is sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional, Tuple


class OneshotError(Exception):
    """The base of all errors of this package."""


class ConnectionFailed(OneshotError):
    """The site could not be reached, or its answers were lost, until the deadline."""


class DeadlineExceeded(OneshotError, TimeoutError):
    """The time that the caller gave is over. The run that was waited for goes on; `run_id` is its id."""

    def __init__(self, message: str, run_id: Optional[str] = None):
        super().__init__(message)
        self.run_id = run_id


class UnreadableAnswer(OneshotError):
    """The answer is not one of Oneshot's API."""


class Redirected(OneshotError):
    """The answer points to another address. It is never followed, because the key and the program are meant for this site only."""

    def __init__(self, location: str):
        super().__init__(f"the site redirects to {location!r}; if that is the right place, make it the client's address")
        self.location = location


@dataclass(frozen=True)
class FieldError:
    """One fault of a request."""

    field: str  # such as `limits.wall_seconds`; empty for the whole body
    code: str
    detail: str

    def __str__(self) -> str:
        return f"{self.field} {self.detail}" if self.field else self.detail


class ApiError(OneshotError):
    """The site answered with an error (problem details of RFC 9457)."""

    def __init__(
        self,
        status: int,
        title: str,
        *,
        code: Optional[str] = None,
        detail: Optional[str] = None,
        request_id: Optional[str] = None,
        errors: Tuple[FieldError, ...] = (),
        retry_after: Optional[float] = None,
    ):
        self.status = status
        self.title = title
        self.code = code  # stable; docs/api.md lists what it can be
        self.detail = detail
        self.request_id = request_id  # which the site's logs contain, too
        self.errors = errors
        self.retry_after = retry_after  # in seconds
        super().__init__(self._describe())

    def _describe(self) -> str:
        told = "; ".join(str(error) for error in self.errors) or self.detail
        marks = [self.code or f"status {self.status}"] + ([f"request {self.request_id}"] if self.request_id else [])
        return f"{self.title}{f': {told}' if told else ''} ({', '.join(marks)})"


class InvalidRequest(ApiError):
    """The request has to be corrected; `errors` names each field."""


class NotAllowed(ApiError):
    """The key is missing, unknown, or not good for this."""


class NotFound(ApiError):
    """There is no such run, or it was deleted."""


class RunIsActive(ApiError):
    """This is possible only when the run has ended."""


class InputRefused(ApiError):
    """The run does not take this input."""


class RunHasEnded(InputRefused):
    """A run takes input only until it ends."""


class InputNotOpen(InputRefused):
    """The run was submitted without `stdin_open`."""


class InputEnded(InputRefused):
    """The end of the run's input was sent before."""


class InputOutOfOrder(InputRefused):
    """Another piece has this number, or one before it is missing; `detail` names the number that comes next."""


class InputTooLarge(InvalidRequest):
    """The run takes no more than this in all, and this piece was not taken."""


class Unavailable(ApiError):
    """The site has no room or cannot answer now; it was asked again until the deadline."""


class ServerFault(ApiError):
    """A defect of the site, to be reported with the `request_id`."""
