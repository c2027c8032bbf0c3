from __future__ import annotations

import asyncio
import inspect
from typing import Any, Callable, Iterator

import pytest
from scripted_site import ScriptedSite

from oneshot import AsyncClient, Client


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ONESHOT_URL", raising=False)
    monkeypatch.delenv("ONESHOT_API_KEY", raising=False)


@pytest.fixture
def site() -> Iterator[ScriptedSite]:
    scripted = ScriptedSite()
    yield scripted
    scripted.close()


class Blocking:
    """An AsyncClient that is called like a Client, so that one test serves both."""

    def __init__(self, client: AsyncClient, loop: asyncio.AbstractEventLoop):
        self._client = client
        self._loop = loop

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            result = getattr(self._client, name)(*arguments, **options)
            return self._iterate(result) if inspect.isasyncgen(result) else self._loop.run_until_complete(result)

        return call

    def _iterate(self, items: Any) -> Iterator[Any]:
        try:
            while True:
                try:
                    yield self._loop.run_until_complete(items.__anext__())
                except StopAsyncIteration:
                    return
        finally:
            self._loop.run_until_complete(items.aclose())
            self._loop.run_until_complete(asyncio.sleep(0))  # what was closed is let go of


@pytest.fixture(params=["sync", "async"])
def connect(request: pytest.FixtureRequest, site: ScriptedSite) -> Iterator[Callable[..., Any]]:
    """Makes a client of the scripted site."""
    loop = asyncio.new_event_loop()

    def make(**options: Any) -> Any:
        if request.param == "sync":
            return Client(**{"url": site.url, **options})
        return Blocking(AsyncClient(**{"url": site.url, **options}), loop)

    yield make
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()


@pytest.fixture
def client(connect: Callable[..., Any]) -> Any:
    return connect()
