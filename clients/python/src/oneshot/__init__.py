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
    InputEnded,
    InputNotOpen,
    InputOutOfOrder,
    InputRefused,
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
    UnreadableAnswer,
)
from oneshot.events import Ended, Event, OutputPiece, Progress, Reset, Shown
from oneshot.models import (
    Display,
    Environment,
    FileInfo,
    Interruption,
    Job,
    Limits,
    OutputBytes,
    OutputFile,
    Run,
    Sandbox,
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
    "FileInfo",
    "InputEnded",
    "InputNotOpen",
    "InputOutOfOrder",
    "InputRefused",
    "InputTooLarge",
    "InvalidRequest",
    "Interruption",
    "Job",
    "Limits",
    "NotAllowed",
    "NotFound",
    "OneshotError",
    "OutputBytes",
    "OutputFile",
    "OutputPiece",
    "Progress",
    "Redirected",
    "Reset",
    "Run",
    "RunHasEnded",
    "RunIsActive",
    "Sandbox",
    "ServerFault",
    "Shown",
    "StreamName",
    "Submission",
    "Timings",
    "Unavailable",
    "UnreadableAnswer",
]
