"""Input that a person sends while the program runs: each piece arrives once and in its order, whatever happens on the way."""

import pytest

from client import wait_until
from pool import LARGE, Pool, is_warm

pytestmark = pytest.mark.usefixtures("still_works")

BYTES = {"content-type": "application/octet-stream"}
ECHO = "import sys\nfor line in sys.stdin.buffer:\n    sys.stdout.buffer.write(b'> ' + line)\n    sys.stdout.buffer.flush()\nprint('end')"


def send(api, run_id: str, data: bytes, query: str = ""):
    return api.request("POST", f"/api/v1/runs/{run_id}/stdin{query}", data, BYTES)


def printed(api, run_id: str, text: bytes) -> None:
    wait_until(f"{text!r} is printed", lambda: text in api.output(run_id))


@pytest.mark.parametrize("kind", ["warm", "cold"])
def test_a_program_and_a_person_talk(api, kind: str):
    source = "name = input('name? ')\nprint('hello', name)\nprint(input('age? '))"
    if kind == "warm":
        run_id = Pool().run(lambda: api.wait_status(api.submit(source, stdin_open=True)["id"], "running"))["id"]
    else:
        run_id = api.submit(source, stdin_open=True, limits=LARGE)["id"]
    printed(api, run_id, b"name? ")
    run = api.get(run_id)
    assert is_warm(run) == (kind == "warm")
    assert run["stdin_open"] is True
    assert send(api, run_id, b"Ada\n").json() == {"next_seq": 1}
    printed(api, run_id, b"name? hello Ada\nage? ")
    assert send(api, run_id, b"36\n").status == 202
    run = api.wait_ended(run_id)
    assert (run["status"], run["stdout"], run["stdin_open"]) == ("succeeded", "name? hello Ada\nage? 36\n", False)


def test_what_comes_before_the_program_waits_for_it(api):
    run_id = api.submit(ECHO, stdin="first\n", stdin_open=True, limits=LARGE)["id"]
    for seq, line in enumerate([b"second\n", b"\xff\0third\n"]):
        assert send(api, run_id, line, f"?seq={seq}").status == 202
    assert send(api, run_id, b"", "?end=true").json() == {"next_seq": 3}
    run = api.wait_ended(run_id)
    assert run["status"] == "succeeded", run
    assert api.output(run_id) == b"> first\n> second\n> \xff\0third\nend\n"


def test_a_piece_that_is_sent_again_arrives_once(api):
    run_id = api.submit(ECHO, stdin_open=True)["id"]
    for _ in range(3):
        assert send(api, run_id, b"once\n", "?seq=0").json() == {"next_seq": 1}
    other = send(api, run_id, b"other\n", "?seq=0")
    assert (other.status, other.json()["code"], other.json()["detail"]) == (409, "stdin_out_of_order", "The next one has the number 1.")
    assert send(api, run_id, b"too early\n", "?seq=2").status == 409
    assert send(api, run_id, b"", "?seq=1&end=true").status == 202
    assert send(api, run_id, b"", "?seq=1&end=true").status == 202
    assert send(api, run_id, b"late\n").json()["code"] in {"stdin_ended", "run_ended"}
    assert api.wait_ended(run_id)["stdout"] == "> once\nend\n"
    assert send(api, run_id, b"late\n").json()["code"] in {"run_ended", "stdin_ended"}


def test_waiting_for_a_person_does_not_spend_the_wall_time(api):
    run_id = api.submit("print(input('? '))", stdin_open=True, limits={"wall_seconds": 1})["id"]
    printed(api, run_id, b"? ")
    # The database knows when it began; wait for more than its wall time since then, and it still runs.
    wait_until("the program has waited longer than it may run", lambda: api.request("GET", f"/api/v1/runs/{run_id}?wait=3").status == 200)
    assert api.get(run_id)["status"] == "running"
    assert send(api, run_id, b"here\n").status == 202
    run = api.wait_ended(run_id)
    assert (run["status"], run["stdout"]) == ("succeeded", "? here\n")
    assert run["timings"]["wall_ms"] < 1000


def test_a_program_that_computes_has_its_wall_time_only(api):
    run = api.run("while True: pass", stdin_open=True, limits={"wall_seconds": 1})
    assert (run["status"], run["reason"]) == ("timed_out", "wall_time_exceeded")


def test_bad_input_is_refused_and_nothing_is_lost(api):
    closed = api.submit("print(input())", stdin="x\n")["id"]
    assert send(api, closed, b"y\n").json()["code"] in {"stdin_not_open"}
    run_id = api.submit(ECHO, stdin_open=True)["id"]
    assert api.request("POST", f"/api/v1/runs/{run_id}/stdin", b"x", {"content-type": "text/plain"}).status == 415
    assert send(api, run_id, b"").json()["code"] == "stdin_empty"
    assert send(api, run_id, b"x", "?end=true").status == 400
    assert send(api, run_id, b"x", "?seq=-1").status == 400
    assert send(api, run_id, b"x", "?end=perhaps").status == 400
    assert send(api, run_id, bytes(262_145)).json()["code"] == "stdin_too_large"
    assert send(api, "01j00000000000000000000000", b"x").status == 404
    assert send(api, run_id, b"kept\n").status == 202
    assert send(api, run_id, b"", "?end=true").status == 202
    assert api.wait_ended(run_id)["stdout"] == "> kept\nend\n"


def test_a_cancelled_run_ends_while_it_waits(api):
    run_id = api.submit("input()", stdin_open=True)["id"]
    api.wait_status(run_id, "running")
    assert api.cancel(run_id).status == 202
    assert api.wait_ended(run_id)["status"] == "cancelled"
