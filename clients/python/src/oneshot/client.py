"""The client for ordinary programs: every call blocks until it is done, has failed, or its time is over."""

from __future__ import annotations

import contextlib
import socket
import ssl
import time
from typing import Generator, Mapping, Optional, Sequence, TypeVar, Union

from oneshot.core.operations import CALL_SECONDS, WAIT_SECONDS, Operations
from oneshot.core.request import Site
from oneshot.core.steps import IO_ERRORS, Emit, IoStep, Open, Operation, Receive, Reply, Stream, failure_of
from oneshot.events import Event
from oneshot.models import Environment, Limits, Run, StreamName, Submission

T = TypeVar("T")
RECEIVE_BYTES = 64 * 1024


class Client:
    """A client of one site. It has no connection of its own that would have to be closed, and may be used from several threads.

    `url`: by default ONESHOT_URL, or http://localhost:8000. `api_key`: by default ONESHOT_API_KEY, or none.
    `timeout`: seconds that a call may take, its repetitions included; `wait_timeout`: likewise where a run's end is waited for. Each
    call can have its own. `tls`: what https trusts; by default what Python does.
    """

    def __init__(
        self,
        url: Optional[str] = None,
        *,
        api_key: Optional[str] = None,
        timeout: float = CALL_SECONDS,
        wait_timeout: float = WAIT_SECONDS,
        tls: Optional[ssl.SSLContext] = None,
    ):
        self._operations = Operations(url, api_key, timeout, wait_timeout)
        self._tls = (tls or ssl.create_default_context()) if self._operations.site.is_secure else None

    def submit(
        self,
        source: str,
        *,
        args: Sequence[str] = (),
        stdin: Union[str, bytes, None] = None,
        stdin_open: bool = False,
        limits: Optional[Limits] = None,
        display: Union[bool, float] = False,
        files: Optional[Mapping[str, Union[str, bytes]]] = None,
        outputs: Sequence[str] = (),
        key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> Run:
        """Submits a program, once, however often the request has to be repeated, and returns the run as it was accepted.

        `stdin_open`: more input may follow `stdin`, with `send`. `files`: names and contents of files that the program finds in its
        folder. `outputs`: patterns of the files there that come back, with `scratch_mib` in the limits. `display`: the program can show
        figures and tables. `key`: the Idempotency-Key; with the one of an earlier submission and the same arguments, this returns its run.
        """
        submission = Submission.build(source, args, stdin, stdin_open, limits, display, files, outputs)
        return self._finish(self._operations.submit(submission, key, timeout))

    def run(
        self,
        source: str,
        *,
        args: Sequence[str] = (),
        stdin: Union[str, bytes, None] = None,
        stdin_open: bool = False,
        limits: Optional[Limits] = None,
        display: Union[bool, float] = False,
        files: Optional[Mapping[str, Union[str, bytes]]] = None,
        outputs: Sequence[str] = (),
        key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> Run:
        """Submits a program and waits until it has ended, however that was: look at `status` or `succeeded`."""
        submission = Submission.build(source, args, stdin, stdin_open, limits, display, files, outputs)
        return self._finish(self._operations.run(submission, key, timeout))

    def wait(self, run_id: str, *, timeout: Optional[float] = None) -> Run:
        """The run when it has ended."""
        return self._finish(self._operations.wait(run_id, timeout))

    def get(self, run_id: str, *, timeout: Optional[float] = None) -> Run:
        """The run as it is now."""
        return self._finish(self._operations.get(run_id, timeout))

    def list(
        self, *, status: Optional[str] = None, limit: Optional[int] = None, page_size: int = 50, timeout: Optional[float] = None
    ) -> Generator[Run, None, None]:
        """Runs without output, newest first, and all of them unless there is a `limit`. `timeout` is that of each page."""
        return self._iterate(self._operations.list(status, limit, page_size, timeout))

    def events(self, run_id: str, *, timeout: Optional[float] = None) -> Generator[Event, None, None]:
        """What has happened to the run, and what happens until it has ended, as it comes. Broken connections are taken up again."""
        return self._iterate(self._operations.events(run_id, timeout))

    def output(self, run_id: str, stream: StreamName = "stdout", *, timeout: Optional[float] = None) -> bytes:
        """The bytes that the program has written so far, exactly, as far as they were kept."""
        return self._finish(self._operations.output(run_id, stream, timeout))

    def display(self, run_id: str, number: int, *, timeout: Optional[float] = None) -> bytes:
        """The bytes of a figure or table. They are as trustworthy as the program."""
        return self._finish(self._operations.display(run_id, number, timeout))

    def output_file(self, run_id: str, number: int, *, timeout: Optional[float] = None) -> bytes:
        """The bytes of a file that came back. They are as trustworthy as the program."""
        return self._finish(self._operations.output_file(run_id, number, timeout))

    def submission(self, run_id: str, *, timeout: Optional[float] = None) -> Submission:
        """What was submitted."""
        return self._finish(self._operations.submission(run_id, timeout))

    def send(self, run_id: str, data: Union[str, bytes], *, seq: Optional[int] = None, timeout: Optional[float] = None) -> int:
        """Sends input to a run that was submitted with `stdin_open`, and returns the number of the piece that comes next.

        With its number `seq`, from 0, a piece arrives once, however often the request has to be repeated. Without one it is the next
        piece, and is not repeated where it may have arrived: an error then leaves it open whether it has.
        """
        return self._finish(self._operations.send(run_id, data, seq, timeout))

    def end_input(self, run_id: str, *, seq: Optional[int] = None, timeout: Optional[float] = None) -> int:
        """Ends the run's standard input. This is a piece, too: see `send`."""
        return self._finish(self._operations.end_input(run_id, seq, timeout))

    def cancel(self, run_id: str, *, timeout: Optional[float] = None) -> Run:
        """Asks for the run's end, which `wait` waits for."""
        return self._finish(self._operations.cancel(run_id, timeout))

    def delete(self, run_id: str, *, timeout: Optional[float] = None) -> None:
        """Deletes a run that has ended, and its output."""
        self._finish(self._operations.delete(run_id, timeout))

    def environment(self, *, timeout: Optional[float] = None) -> Environment:
        """Python, its packages, and the limits of runs."""
        return self._finish(self._operations.environment(timeout))

    def _connection(self) -> contextlib.closing[Connection]:
        return contextlib.closing(Connection(self._operations.site, self._tls))

    def _finish(self, operation: Operation[T]) -> T:
        with self._connection() as connection:
            try:
                step = next(operation)
                while True:
                    step = operation.send(connection.perform(step))
            except StopIteration as end:
                result: T = end.value
                return result

    def _iterate(self, stream: Stream[T]) -> Generator[T, None, None]:
        with self._connection() as connection:
            step = next(stream, None)
            while step is not None:
                reply: Reply = b""
                if isinstance(step, Emit):
                    yield step.item
                else:
                    reply = connection.perform(step)
                try:
                    step = stream.send(reply)
                except StopIteration:
                    return


class Connection:
    """Performs steps with a blocking socket."""

    def __init__(self, site: Site, tls: Optional[ssl.SSLContext]):
        self._site = site
        self._tls = tls
        self._socket: Optional[socket.socket] = None
        self._has_sent = False

    def perform(self, step: IoStep) -> Reply:
        try:
            if isinstance(step, Open):
                self._open(step)
            elif isinstance(step, Receive):
                assert self._socket is not None  # an operation opens first
                self._socket.settimeout(_seconds_until(step.deadline))
                return self._socket.recv(RECEIVE_BYTES)
            else:
                time.sleep(max(0.0, step.until - time.monotonic()))
        except IO_ERRORS as fault:
            return failure_of(fault, self._site.authority, nothing_sent=not self._has_sent)
        return b""

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _open(self, step: Open) -> None:
        self.close()
        self._has_sent = False
        self._socket = socket.create_connection((self._site.host, self._site.port), _seconds_until(step.deadline))
        if self._tls:
            self._socket.settimeout(_seconds_until(step.deadline))
            self._socket = self._tls.wrap_socket(self._socket, server_hostname=self._site.host)
        self._socket.settimeout(_seconds_until(step.deadline))
        self._has_sent = True
        # A site that refuses the rest of the body has answered already.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self._socket.sendall(step.request)


def _seconds_until(deadline: float) -> float:
    seconds = deadline - time.monotonic()
    if seconds <= 0:  # which settimeout would take as "do not wait at all"
        raise TimeoutError
    return seconds
