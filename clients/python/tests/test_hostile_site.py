"""What a broken or hostile site, or a wrong argument, can do to a client: nothing but an error that says so."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import threading
from typing import Any, Callable

import pytest
from scripted_site import (
    DEADLINE_SECONDS,
    RUN_ID,
    Received,
    ScriptedSite,
    answer,
    event,
    hang,
    json_answer,
    output,
    run_json,
    stream,
    then_hang,
)

from oneshot import AsyncClient, Client, ConnectionFailed, DeadlineExceeded, Redirected, UnreadableAnswer


@pytest.mark.parametrize(
    "reply",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        answer(200, b"<html>login</html>", "text/html"),
        answer(200, b""),
        answer(200, b"null"),
        answer(200, b"{}"),
        answer(200, b"[" * 100_000),
        answer(200, b'{"id": 7, "status": "running"}'),
        json_answer(run_json(exit_code="0")),
        json_answer(run_json(exit_code=True)),
        json_answer(run_json(displays={})),
        json_answer(run_json(limits=[])),
        json_answer(run_json(created_at="yesterday")),
    ],
)
def test_what_is_no_run_is_refused(client: Any, site: ScriptedSite, reply: bytes) -> None:
    site.script(reply)
    with pytest.raises(UnreadableAnswer):
        client.get(RUN_ID)


def test_events_that_are_none_are_refused(client: Any, site: ScriptedSite) -> None:
    site.script(answer(200, b"<html>", "text/html"))
    with pytest.raises(UnreadableAnswer, match="text/html"):
        list(client.events(RUN_ID))


def test_a_redirection_is_not_followed_and_the_key_stays_here(connect: Callable[..., Any], site: ScriptedSite) -> None:
    other = ScriptedSite()
    for status in (301, 302, 307, 308):
        site.script(answer(status, Location=f"{other.url}/api/v1/runs"))
        with pytest.raises(Redirected) as caught:
            connect(api_key="secret").submit("print(1)")
        assert caught.value.location.startswith(other.url)
        assert "secret" not in str(caught.value)
    other.close()
    assert other.received == []


def test_a_site_that_says_nothing_costs_no_more_than_the_deadline(client: Any, site: ScriptedSite) -> None:
    site.script(hang, then_hang(b"HTTP/1.1 200 OK\r\nContent-Len"), then_hang(stream(output("a", "1-0"), is_complete=False)))
    with pytest.raises(DeadlineExceeded):
        client.get(RUN_ID, timeout=0.2)
    with pytest.raises(DeadlineExceeded):
        client.output(RUN_ID, timeout=0.2)
    with pytest.raises(DeadlineExceeded):
        list(client.events(RUN_ID, timeout=0.2))


def test_a_site_that_says_little_at_a_time_gains_no_time(client: Any, site: ScriptedSite) -> None:
    def drip(connection: socket.socket, _: Received) -> None:
        gone = threading.Event()
        connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
        while True:
            connection.sendall(b"y")
            gone.wait(0.02)

    site.script(drip)
    with pytest.raises(DeadlineExceeded):
        client.get(RUN_ID, timeout=0.3)


def test_nobody_listens(connect: Callable[..., Any], site: ScriptedSite) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        site.url = "http://127.0.0.1:{}".format(other.getsockname()[1])
    with pytest.raises(ConnectionFailed, match=f"^{site.url[7:]}: "):
        connect(timeout=0.1).get(RUN_ID)


@pytest.mark.parametrize("run_id", ["", "..", "a/b", "a?b", "a%2e", "a b", "a\r\nX: y", "é"])
def test_an_id_names_nothing_but_a_run(client: Any, run_id: str) -> None:
    for call in (client.get, client.delete, client.output, lambda each: list(client.events(each))):
        with pytest.raises(ValueError, match="not the id"):
            call(run_id)


@pytest.mark.parametrize(
    "url", ["localhost:8000", "ftp://x", "http://", "http://a b", "http://x\r\ny", "http://u:p@x", "http://x/?a", "http://x:99999"]
)
def test_an_address_is_one(url: str) -> None:
    with pytest.raises(ValueError):
        Client(url)


@pytest.mark.parametrize("key", ["a b", "a\r\nX: y", "é"])
def test_a_key_cannot_become_another_header(key: str) -> None:
    with pytest.raises(ValueError) as caught:
        Client(api_key=key)
    assert key not in str(caught.value)


@pytest.mark.parametrize("wrong", [{"args": "text"}, {"stdin": b"\xff"}, {"key": "a b"}, {"key": "x" * 256}, {"timeout": 0}])
def test_wrong_arguments_are_told_before_anything_is_sent(client: Any, wrong: Any) -> None:
    with pytest.raises(ValueError):
        client.submit("print(1)", **wrong)


def test_the_address_may_have_a_path(site: ScriptedSite) -> None:
    site.script(json_answer(run_json()))
    Client(f"{site.url}/oneshot/").get(RUN_ID)
    assert site.received[0].target == f"/oneshot/api/v1/runs/{RUN_ID}"


def test_the_address_comes_from_the_environment(site: ScriptedSite, monkeypatch: pytest.MonkeyPatch) -> None:
    site.script(json_answer(run_json()))
    monkeypatch.setenv("ONESHOT_URL", site.url)
    assert Client().get(RUN_ID).id == RUN_ID


def watched(site: ScriptedSite, *begin: bytes) -> threading.Event:
    """The site begins to answer, and then waits: the event says that the client has closed the connection."""
    has_closed = threading.Event()

    def send(connection: socket.socket, received: Received) -> None:
        connection.sendall(b"".join(begin))
        with contextlib.suppress(OSError):
            hang(connection, received)
        has_closed.set()

    site.script(send)
    return has_closed


def test_a_cancelled_task_closes_its_connection(site: ScriptedSite) -> None:
    has_closed = watched(site, stream(output("a", "1-0"), is_complete=False))

    async def follow(has_begun: asyncio.Event) -> None:
        async for _ in AsyncClient(site.url).events(RUN_ID):
            has_begun.set()

    async def main() -> None:
        has_begun = asyncio.Event()
        task = asyncio.ensure_future(follow(has_begun))
        await asyncio.wait_for(has_begun.wait(), DEADLINE_SECONDS)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        loop = asyncio.get_running_loop()
        assert await loop.run_in_executor(None, has_closed.wait, DEADLINE_SECONDS)

    asyncio.run(main())


def test_an_interrupted_call_closes_its_connection(site: ScriptedSite) -> None:
    has_closed = threading.Event()

    def interrupt(connection: socket.socket, received: Received) -> None:
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        with contextlib.suppress(OSError):
            hang(connection, received)
        has_closed.set()

    site.script(interrupt)
    with pytest.raises(KeyboardInterrupt):
        Client(site.url).get(RUN_ID)
    assert has_closed.wait(DEADLINE_SECONDS)


def test_an_iterator_that_is_left_closes_its_connection(client: Any, site: ScriptedSite) -> None:
    has_closed = watched(site, stream(event("status", {"status": "running"}), is_complete=False))
    events = client.events(RUN_ID)
    next(events)
    events.close()
    assert has_closed.wait(DEADLINE_SECONDS)


def test_tasks_do_not_wait_for_each_other(site: ScriptedSite) -> None:
    others = [ScriptedSite(json_answer(run_json())) for _ in range(3)]
    has_closed = watched(site)

    async def main() -> None:
        waiting = asyncio.ensure_future(AsyncClient(site.url).get(RUN_ID))
        runs = await asyncio.gather(*(AsyncClient(other.url).get(RUN_ID) for other in others))
        assert [run.id for run in runs] == [RUN_ID] * 3
        assert not waiting.done()
        waiting.cancel()
        await asyncio.wait([waiting])

    asyncio.run(main())
    assert has_closed.wait(DEADLINE_SECONDS)
    for other in others:
        other.close()
