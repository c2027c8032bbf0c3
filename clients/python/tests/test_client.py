"""Both clients speak with a site, call by call."""

from __future__ import annotations

import socket
import threading
from datetime import datetime, timezone
from typing import Any, Callable

import pytest
from scripted_site import (
    DEADLINE_SECONDS,
    RUN_ID,
    Received,
    ScriptedSite,
    answer,
    chunked,
    event,
    json_answer,
    output,
    problem,
    run_json,
    stream,
)

from oneshot import ConnectionFailed, Ended, FileInfo, InvalidRequest, Limits, NotAllowed, NotFound, OutputFile, OutputPiece, Progress, RunIsActive, Sandbox, Shown

DISPLAY = {
    "number": 0,
    "mime": "image/png",
    "width": 640,
    "height": 480,
    "alt": "Three numbers",
    "bytes": 3,
    "url": "/api/v1/runs/x/displays/0",
}


def test_a_submission_says_only_what_was_given(client: Any, site: ScriptedSite) -> None:
    site.script(json_answer(run_json("queued"), 201))
    assert client.submit("print(1)").status == "queued"
    (request,) = site.received
    assert (request.method, request.target) == ("POST", "/api/v1/runs?output=none")
    assert request.json() == {"source": "print(1)"}
    assert request.headers["content-type"] == "application/json"
    assert len(request.headers["idempotency-key"]) == 32
    assert "authorization" not in request.headers


def test_a_submission_says_all_that_was_given(client: Any, site: ScriptedSite) -> None:
    site.script(json_answer(run_json("queued"), 201))
    client.submit(
        "é\x00",
        args=["-v", "ü"],
        stdin="línea\n".encode(),
        stdin_open=True,
        limits=Limits(wall_seconds=2.5, scratch_mib=16),
        display=2,
        files={"a.txt": "text", "b/c.bin": b"\xff\x00"},
        outputs=["*.csv"],
        key="mine",
    )
    (request,) = site.received
    assert request.headers["idempotency-key"] == "mine"
    assert request.json() == {
        "source": "é\x00",
        "args": ["-v", "ü"],
        "stdin": "línea\n",
        "stdin_open": True,
        "limits": {"wall_seconds": 2.5, "scratch_mib": 16},
        "display": 2,
        "files": [{"path": "a.txt", "content": "text"}, {"path": "b/c.bin", "content_b64": "/wA="}],
        "outputs": ["*.csv"],
    }


def test_an_answer_that_was_lost_is_asked_for_again_with_the_same_key(client: Any, site: ScriptedSite) -> None:
    site.script(b"", problem(503, "queue_full", headers={"Retry-After": "0"}), json_answer(run_json("queued"), 200))
    assert client.submit("print(1)").id == RUN_ID
    assert len({(each.headers["idempotency-key"], each.body) for each in site.received}) == 1


def test_a_run_is_waited_for(client: Any, site: ScriptedSite) -> None:
    site.script(json_answer(run_json("queued"), 201), json_answer(run_json("running")), json_answer(run_json(stdout="42\n")))
    run = client.run("print(6 * 7)")
    assert (run.succeeded, run.ended, run.stdout) == (True, True, "42\n")
    assert [each.target.partition("?")[0] for each in site.received[1:]] == [f"/api/v1/runs/{RUN_ID}"] * 2


def test_a_run_tells_what_the_site_tells(client: Any, site: ScriptedSite) -> None:
    site.script(
        json_answer(
            run_json(
                "failed",
                exit_code=3,
                stdout_cut=True,
                output={"stdout_bytes": 11, "stderr_dropped_bytes": 2},
                displays=[DISPLAY],
                timings={"queued_ms": 5},
                interruptions=[{"attempt": 1, "reason": "pod_lost", "message": None, "node": "n1", "at": "2026-11-30T20:18:09.274Z"}],
                job={"namespace": "oneshot-runs", "name": "warm-1", "colour": "red", "sandbox": {"landlock": 7, "seccomp": True, "user_namespace": False}},
                created_at="2026-11-30T20:18:09.274Z",
                limits={"wall_seconds": 10, "memory_mib": 256},
                files=[{"path": "data/a.csv", "bytes": 8}],
                output_files=[{"number": 0, "path": "plots/1.png", "bytes": 9, "url": "/x"}],
                dropped_output_files=2,
                stdin_open=True,
                of_tomorrow={"x": 1},
            )
        )
    )
    run = client.get(RUN_ID)
    assert (run.exit_code, run.stdout_cut, run.stdout, run.signal) == (3, True, None, None)
    assert (run.output.stdout_bytes, run.output.stderr_bytes, run.output.stderr_dropped_bytes) == (11, None, 2)
    assert (run.displays[0].alt, run.timings.queued_ms, run.interruptions[0].node, run.job.name) == ("Three numbers", 5, "n1", "warm-1")
    assert run.job.sandbox == Sandbox(landlock=7, seccomp=True, user_namespace=False)
    assert run.created_at == datetime(2026, 11, 30, 20, 18, 9, 274000, timezone.utc)
    assert run.limits == Limits(wall_seconds=10, memory_mib=256)
    assert (run.files, run.stdin_open) == ((FileInfo("data/a.csv", 8),), True)
    assert (run.output_files, run.dropped_output_files) == ((OutputFile(0, "plots/1.png", 9),), 2)
    assert run.raw["of_tomorrow"] == {"x": 1}


def test_a_status_of_tomorrow_is_a_status(client: Any, site: ScriptedSite) -> None:
    site.script(json_answer(run_json("paused")))
    assert not client.get(RUN_ID).ended


def test_runs_are_listed_page_by_page(client: Any, site: ScriptedSite) -> None:
    site.script(
        json_answer({"runs": [run_json(), run_json("failed")], "next_cursor": "c 1"}),
        json_answer({"runs": [run_json()], "next_cursor": None}),
    )
    assert [run.status for run in client.list(status="failed", page_size=2)] == ["succeeded", "failed", "succeeded"]
    assert [each.target for each in site.received] == [
        "/api/v1/runs?limit=2&cursor=&status=failed",
        "/api/v1/runs?limit=2&cursor=c+1&status=failed",
    ]


def test_a_list_that_is_left_asks_for_no_more(client: Any, site: ScriptedSite) -> None:
    site.script(json_answer({"runs": [run_json(), run_json()], "next_cursor": "more"}))
    runs = client.list()
    next(runs)
    runs.close()
    assert len(site.received) == 1


def test_output_is_every_byte(client: Any, site: ScriptedSite) -> None:
    content = b"1\n\xff\x00\x1b[31mA\xc3"
    site.script(answer(200, content, "application/octet-stream"), answer(200, b"", "application/octet-stream"))
    assert client.output(RUN_ID) == content
    assert client.output(RUN_ID, "stderr") == b""
    assert [each.target.rpartition("/")[2] for each in site.received] == ["stdout", "stderr"]


@pytest.mark.parametrize("is_chunked", [False, True])
def test_output_may_be_huge(client: Any, site: ScriptedSite, is_chunked: bool) -> None:
    content = bytes(range(256)) * (40 * 1024 * 4)
    parts = [content[at : at + 100_000] for at in range(0, len(content), 100_000)]
    site.script(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(*parts) if is_chunked else answer(200, content))
    assert client.output(RUN_ID) == content


def test_output_that_was_cut_is_fetched_again(client: Any, site: ScriptedSite) -> None:
    whole = answer(200, b"x" * 1000)
    site.script(whole[:-1], whole)
    assert client.output(RUN_ID) == b"x" * 1000


def test_figures_are_fetched(client: Any, site: ScriptedSite) -> None:
    site.script(answer(200, b"\x89PNG", "image/png"))
    assert client.display(RUN_ID, 3) == b"\x89PNG"
    assert site.received[0].target == f"/api/v1/runs/{RUN_ID}/displays/3"


def test_files_that_came_back_are_fetched(client: Any, site: ScriptedSite) -> None:
    site.script(answer(200, b"\x00\xff"))
    assert client.output_file(RUN_ID, 3) == b"\x00\xff"
    assert site.received[0].target == f"/api/v1/runs/{RUN_ID}/output-files/3"


def test_what_was_submitted_can_be_submitted_again(client: Any, site: ScriptedSite) -> None:
    body = {
        "source": "x",
        "args": ["a"],
        "stdin": None,
        "stdin_open": True,
        "limits": {"wall_seconds": 10},
        "display": True,
        "files": [{"path": "a", "content": "t"}, {"path": "b", "content_b64": "/wA="}],
        "outputs": ["*.csv", "plots"],
    }
    site.script(json_answer(body), json_answer(run_json("queued"), 201))
    client.submit(**client.submission(RUN_ID).arguments())
    assert site.received[1].json() == {name: value for name, value in body.items() if value is not None}


def test_runs_are_cancelled_and_deleted(client: Any, site: ScriptedSite) -> None:
    site.script(json_answer(run_json("cancelled"), 202), answer(204), problem(409, "run_active"))
    assert client.cancel(RUN_ID).status == "cancelled"
    client.delete(RUN_ID)
    with pytest.raises(RunIsActive):
        client.delete(RUN_ID)
    assert [(each.method, each.target) for each in site.received[:2]] == [
        ("POST", f"/api/v1/runs/{RUN_ID}/cancel"),
        ("DELETE", f"/api/v1/runs/{RUN_ID}"),
    ]


def test_input_is_sent_to_the_byte_and_ended(client: Any, site: ScriptedSite) -> None:
    site.script(*(json_answer({"next_seq": number}, 202) for number in (1, 2, 3, 4)))
    assert client.send(RUN_ID, "é\n") == 1
    assert client.send(RUN_ID, b"\xff\x00", seq=1) == 2
    assert [client.end_input(RUN_ID), client.end_input(RUN_ID, seq=3)] == [3, 4]
    assert [(each.method, each.target.rpartition("/")[2], each.body) for each in site.received] == [
        ("POST", "stdin", "é\n".encode()),
        ("POST", "stdin?seq=1", b"\xff\x00"),
        ("POST", "stdin?end=true", b""),
        ("POST", "stdin?seq=3&end=true", b""),
    ]
    assert site.received[0].headers["content-type"] == "application/octet-stream"


@pytest.mark.parametrize(("data", "seq"), [("", 0), (b"", None), ("x", -1), ("x", 2**31)])
def test_input_that_is_none_is_not_sent(client: Any, data: Any, seq: Any) -> None:
    with pytest.raises(ValueError, match="input"):
        client.send(RUN_ID, data, seq=seq)


def test_input_whose_answer_is_lost_is_sent_again_only_with_its_number(client: Any, site: ScriptedSite) -> None:
    site.script(b"", json_answer({"next_seq": 1}, 202), b"")
    assert client.send(RUN_ID, "x", seq=0) == 1
    with pytest.raises(ConnectionFailed):
        client.send(RUN_ID, "x")
    assert len({(each.target, each.body) for each in site.received[:2]}) == 1


def test_what_never_left_is_told_apart(connect: Callable[..., Any], site: ScriptedSite, caplog: pytest.LogCaptureFixture) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        url = f"http://127.0.0.1:{gone.getsockname()[1]}"
    caplog.set_level("INFO", "oneshot")
    with pytest.raises(ConnectionFailed):
        connect(url=url, timeout=1).send(RUN_ID, "x")
    assert "trying again" in caplog.text


def test_the_environment_tells_limits_and_packages(client: Any, site: ScriptedSite) -> None:
    limits = {"defaults": {"wall_seconds": 10}, "maxima": {"wall_seconds": 60}, "source_bytes": 1}
    site.script(json_answer({"python": "3.11.2", "image": None, "packages": [{"name": "numpy", "version": "2.3.5"}], "limits": limits}))
    environment = client.environment()
    assert (environment.python, environment.packages, environment.maxima.wall_seconds) == ("3.11.2", {"numpy": "2.3.5"}, 60)


def test_events_are_told_as_they_come(client: Any, site: ScriptedSite) -> None:
    goes_on = threading.Event()

    def send(connection: socket.socket, _: Received) -> None:
        connection.sendall(stream(event("status", {"status": "running"}), output("a", "1-0"), is_complete=False))
        assert goes_on.wait(DEADLINE_SECONDS)
        connection.sendall(chunked(event("display", DISPLAY, "1-1"), event("end", run_json())))

    site.script(send)
    events = client.events(RUN_ID)
    assert [type(next(events)) for _ in range(2)] == [Progress, OutputPiece]
    goes_on.set()
    assert [type(each) for each in events] == [Shown, Ended]


def test_a_stream_is_taken_up_where_it_broke(client: Any, site: ScriptedSite) -> None:
    site.script(
        stream(b"retry: 50\n\n", output("a", "1-0"), output("b"), is_complete=False),
        stream(output("b"), output("c", "1-1"), event("end", run_json())),
    )
    assert "".join(each.text for each in client.events(RUN_ID) if isinstance(each, OutputPiece)) == "abc"
    assert [each.headers.get("last-event-id") for each in site.received] == [None, "1-0"]


def test_the_key_is_sent_where_it_belongs(connect: Callable[..., Any], site: ScriptedSite, monkeypatch: pytest.MonkeyPatch) -> None:
    site.script(json_answer(run_json()), json_answer(run_json()))
    connect(api_key="k-1").get(RUN_ID)
    monkeypatch.setenv("ONESHOT_API_KEY", "k-2")
    connect().get(RUN_ID)
    assert [each.headers["authorization"] for each in site.received] == ["Bearer k-1", "Bearer k-2"]


@pytest.mark.parametrize(
    ("reply", "error"),
    [(problem(401, "no_key"), NotAllowed), (problem(404, "run_not_found"), NotFound), (problem(413, "body_too_large"), InvalidRequest)],
)
def test_refusals_have_a_kind_and_a_code(client: Any, site: ScriptedSite, reply: bytes, error: type) -> None:
    site.script(reply)
    with pytest.raises(error) as caught:
        client.get(RUN_ID)
    assert caught.value.code and caught.value.request_id == "r1"  # type: ignore[attr-defined]
