"""How decisions and I/O meet. An operation is a generator: it yields the step that it needs next, is sent what came of it, and returns the
result. It never touches a socket or a clock of its own, so both clients and the tests run the same operations, each with steps of its own.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from dataclasses import dataclass
from typing import Generator, Generic, TypeVar, Union

T = TypeVar("T")


@dataclass(frozen=True)
class Open:
    """Connect and send; an earlier connection is closed. All times are those of the operation's clock."""

    request: bytes
    deadline: float


@dataclass(frozen=True)
class Receive:
    """Some bytes of the answer; none when the site has closed the connection."""

    deadline: float


@dataclass(frozen=True)
class Pause:
    until: float


@dataclass(frozen=True)
class Emit(Generic[T]):
    """Hand this to the caller, who iterates."""

    item: T


@dataclass(frozen=True)
class Failure:
    """The connection could not be made, or it broke."""

    reason: str
    timed_out: bool = False
    is_final: bool = False  # it would fail in the same way again
    nothing_sent: bool = False  # the site cannot have acted on the request


IoStep = Union[Open, Receive, Pause]
Reply = Union[bytes, Failure]  # bytes for Receive, and empty ones for the others
Operation = Generator[IoStep, Reply, T]
Stream = Generator[Union[IoStep, Emit[T]], Reply, None]

# What the I/O of a step raises when it fails. The last one is no OSError before Python 3.11.
IO_ERRORS = (OSError, asyncio.TimeoutError)


def failure_of(fault: Exception, authority: str, nothing_sent: bool = False) -> Failure:
    if isinstance(fault, (TimeoutError, socket.timeout, asyncio.TimeoutError)):
        return Failure(f"{authority}: no answer in time", timed_out=True, nothing_sent=nothing_sent)
    is_unknown_name = isinstance(fault, socket.gaierror) and fault.errno == socket.EAI_NONAME
    reason = getattr(fault, "strerror", None) or str(fault) or repr(fault)
    is_final = is_unknown_name or isinstance(fault, ssl.SSLCertVerificationError)
    return Failure(f"{authority}: {reason}", is_final=is_final, nothing_sent=nothing_sent)
