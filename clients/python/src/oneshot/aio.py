"""The client for asyncio. A task that is cancelled closes its connection at once and leaves nothing behind."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import time
from typing import AsyncGenerator, Awaitable, Mapping, Optional, Sequence, TypeVar, Union

from oneshot.core.operations import CALL_SECONDS, WAIT_SECONDS, Operations
from oneshot.core.request import Site
from oneshot.core.steps import IO_ERRORS, Emit, IoStep, Open, Operation, Receive, Reply, Stream, failure_of
from oneshot.events import Event
from oneshot.models import Environment, Limits, Run, StreamName, Submission

T = TypeVar("T")
RECEIVE_BYTES = 64 * 1024


class AsyncClient:
    """As `Client`, whose documentation holds for every method, for any number of tasks. Close an iterator that is left before its end:
    `async with contextlib.aclosing(client.events(run_id)) as events`."""

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

    async def submit(
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
        submission = Submission.build(source, args, stdin, stdin_open, limits, display, files, outputs)
        return await self._finish(self._operations.submit(submission, key, timeout))

    async def run(
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
        submission = Submission.build(source, args, stdin, stdin_open, limits, display, files, outputs)
        return await self._finish(self._operations.run(submission, key, timeout))

    async def wait(self, run_id: str, *, timeout: Optional[float] = None) -> Run:
        return await self._finish(self._operations.wait(run_id, timeout))

    async def get(self, run_id: str, *, timeout: Optional[float] = None) -> Run:
        return await self._finish(self._operations.get(run_id, timeout))

    def list(
        self, *, status: Optional[str] = None, limit: Optional[int] = None, page_size: int = 50, timeout: Optional[float] = None
    ) -> AsyncGenerator[Run, None]:
        return self._iterate(self._operations.list(status, limit, page_size, timeout))

    def events(self, run_id: str, *, timeout: Optional[float] = None) -> AsyncGenerator[Event, None]:
        return self._iterate(self._operations.events(run_id, timeout))

    async def output(self, run_id: str, stream: StreamName = "stdout", *, timeout: Optional[float] = None) -> bytes:
        return await self._finish(self._operations.output(run_id, stream, timeout))

    async def display(self, run_id: str, number: int, *, timeout: Optional[float] = None) -> bytes:
        return await self._finish(self._operations.display(run_id, number, timeout))

    async def output_file(self, run_id: str, number: int, *, timeout: Optional[float] = None) -> bytes:
        return await self._finish(self._operations.output_file(run_id, number, timeout))

    async def submission(self, run_id: str, *, timeout: Optional[float] = None) -> Submission:
        return await self._finish(self._operations.submission(run_id, timeout))

    async def send(self, run_id: str, data: Union[str, bytes], *, seq: Optional[int] = None, timeout: Optional[float] = None) -> int:
        return await self._finish(self._operations.send(run_id, data, seq, timeout))

    async def end_input(self, run_id: str, *, seq: Optional[int] = None, timeout: Optional[float] = None) -> int:
        return await self._finish(self._operations.end_input(run_id, seq, timeout))

    async def cancel(self, run_id: str, *, timeout: Optional[float] = None) -> Run:
        return await self._finish(self._operations.cancel(run_id, timeout))

    async def delete(self, run_id: str, *, timeout: Optional[float] = None) -> None:
        await self._finish(self._operations.delete(run_id, timeout))

    async def environment(self, *, timeout: Optional[float] = None) -> Environment:
        return await self._finish(self._operations.environment(timeout))

    def _connection(self) -> contextlib.closing[Connection]:
        return contextlib.closing(Connection(self._operations.site, self._tls))

    async def _finish(self, operation: Operation[T]) -> T:
        with self._connection() as connection:
            try:
                step = next(operation)
                while True:
                    step = operation.send(await connection.perform(step))
            except StopIteration as end:
                result: T = end.value
                return result

    async def _iterate(self, stream: Stream[T]) -> AsyncGenerator[T, None]:
        with self._connection() as connection:
            step = next(stream, None)
            while step is not None:
                reply: Reply = b""
                if isinstance(step, Emit):
                    yield step.item
                else:
                    reply = await connection.perform(step)
                try:
                    step = stream.send(reply)
                except StopIteration:
                    return


class Connection:
    """Performs steps with asyncio's streams."""

    def __init__(self, site: Site, tls: Optional[ssl.SSLContext]):
        self._site = site
        self._tls = tls
        self._reader = asyncio.StreamReader()
        self._writer: Optional[asyncio.StreamWriter] = None
        self._has_sent = False

    async def perform(self, step: IoStep) -> Reply:
        try:
            if isinstance(step, Open):
                await self._open(step)
            elif isinstance(step, Receive):
                return await _within(step.deadline, self._reader.read(RECEIVE_BYTES))
            else:
                await asyncio.sleep(max(0.0, step.until - time.monotonic()))
        except IO_ERRORS as fault:
            return failure_of(fault, self._site.authority, nothing_sent=not self._has_sent)
        return b""

    def close(self) -> None:
        if self._writer is not None:
            # All that was of use has been received, so nothing is waited for.
            self._writer.transport.abort()
            self._writer = None

    async def _open(self, step: Open) -> None:
        self.close()
        self._has_sent = False
        reader, writer = await _within(step.deadline, asyncio.open_connection(self._site.host, self._site.port, ssl=self._tls))
        self._reader, self._writer = reader, writer
        self._has_sent = True
        writer.write(step.request)
        # A site that refuses the rest of the body has answered already.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            await _within(step.deadline, writer.drain())


async def _within(deadline: float, waiting: Awaitable[T]) -> T:
    return await asyncio.wait_for(waiting, max(0.0, deadline - time.monotonic()))
