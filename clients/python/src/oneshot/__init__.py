"""Runs Python programs on a Oneshot installation.

from oneshot import Client

run = Client().run("print(6 * 7)")
print(run.status, run.stdout)  # succeeded 42
"""

from oneshot.aio import AsyncClient
from oneshot.client import Client
from oneshot.errors import (
    ApiError,
    ConnectionFailed,
    DeadlineExceeded,
    FieldError,
    InvalidRequest,
    NotAllowed,
    NotFound,
    OneshotError,
    Redirected,
    RunIsActive,
    ServerFault,
    Unavailable,
    UnreadableAnswer,
)
from oneshot.events import Ended, Event, OutputPiece, Progress, Reset, Shown
from oneshot.models import (
    Display,
    Environment,
    Interruption,
    Job,
    Limits,
    OutputBytes,
    Run,
    StreamName,
    Submission,
    Timings,
)
from oneshot.version import VERSION

__version__ = VERSION

__all__ = [
    "ApiError",
    "AsyncClient",
    "Client",
    "ConnectionFailed",
    "DeadlineExceeded",
    "Display",
    "Ended",
    "Environment",
    "Event",
    "FieldError",
    "InvalidRequest",
    "Interruption",
    "Job",
    "Limits",
    "NotAllowed",
    "NotFound",
    "OneshotError",
    "OutputBytes",
    "OutputPiece",
    "Progress",
    "Redirected",
    "Reset",
    "Run",
    "RunIsActive",
    "ServerFault",
    "Shown",
    "StreamName",
    "Submission",
    "Timings",
    "Unavailable",
    "UnreadableAnswer",
]
