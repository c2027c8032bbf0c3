"""A finished run at an unguessable address: through nginx, two apis, PostgreSQL and whatever retention does meanwhile."""

import json
import re

import pytest

from client import Answer, wait_until
from cluster import SYSTEM

pytestmark = pytest.mark.usefixtures("still_works")

NOBODYS = "0" * 32


def post(api, body) -> Answer:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    return api.request("POST", "/api/v1/shares", text, {"content-type": "application/json"})


def share(api, run: dict) -> dict:
    answer = post(api, {"run_id": run["id"]})
    assert answer.status == 201, answer
    made = answer.json()
    assert answer.headers["location"] == made["links"]["self"]
    return made


def read(api, made: dict, rest: str = "") -> Answer:
    return api.request("GET", made["links"]["self"] + rest)


def revoke(api, made: dict, token: str | None = None) -> Answer:
    return api.request("DELETE", made["links"]["self"], headers={"revoke-token": made["revoke_token"] if token is None else token})


def test_a_share_is_the_run_at_another_address(api):
    run = api.run("import sys; print(input()); print('bad', file=sys.stderr)", stdin="in\n", args=["a"])
    made = share(api, run)
    assert re.fullmatch(r"[0-9a-hjkmnp-tv-z]{32}", made["id"])
    answer = read(api, made)
    assert answer.status == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-robots-tag"] == "noindex"
    assert answer.headers["referrer-policy"] == "no-referrer"
    shown = answer.json()["run"]
    for name in ("id", "status", "exit_code", "stdout", "stderr", "timings", "limits", "finished_at"):
        assert shown[name] == run[name], name
    assert shown["job"] is None and shown["links"]["events"] is None
    assert read(api, made, "/submission").json() == api.request("GET", f"/api/v1/runs/{run['id']}/submission").json()
    assert revoke(api, made).status == 204


def test_bytes_that_are_no_text_come_as_they_are(api):
    run = api.run("import sys; sys.stdout.buffer.write(b'\\0 \\xff\\xfe end\\n')")
    made = share(api, run)
    assert read(api, made, "/stdout").body == b"\0 \xff\xfe end\n"
    assert read(api, made, "?output=merged").json()["run"]["merged"][0]["text"] == "\0 �� end\n"
    assert revoke(api, made).status == 204


def test_it_stays_when_the_run_is_deleted_and_goes_when_it_is_revoked(api):
    run = api.run("print('kept')")
    one, other = share(api, run), share(api, run)
    assert api.request("DELETE", f"/api/v1/runs/{run['id']}").status == 204
    for part in ("", "/stdout", "/submission", "/events"):
        assert api.request("GET", f"/api/v1/runs/{run['id']}{part}").status == 404, part
    listed = api.request("GET", "/api/v1/runs?limit=100").json()["runs"]
    assert run["id"] not in [each["id"] for each in listed]
    assert read(api, one, "/stdout").body == read(api, other, "/stdout").body == b"kept\n"
    assert revoke(api, one).status == 204
    assert read(api, one).status == 404 and read(api, other).status == 200
    assert revoke(api, other).status == 204
    assert revoke(api, other).status == 404
    assert post(api, {"run_id": run["id"]}).json()["code"] == "run_not_found"


def test_figures_are_shown_from_the_share(api):
    run = api.run("import matplotlib.pyplot as plt; plt.plot([1, 3, 2]); plt.show()", display=True)
    made = share(api, run)
    assert api.request("DELETE", f"/api/v1/runs/{run['id']}").status == 204
    [display] = read(api, made).json()["run"]["displays"]
    assert display["url"].startswith(made["links"]["self"])
    answer = api.request("GET", display["url"])
    assert (answer.status, answer.headers["content-type"], len(answer.body)) == (200, "image/png", display["bytes"])
    assert answer.headers["content-security-policy"] == "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert revoke(api, made).status == 204
    again = api.request("GET", display["url"], headers={"if-none-match": answer.headers["etag"]})
    assert again.status == 404, "what a browser has kept is asked for again"


def test_only_what_has_ended_is_shared(api):
    run = api.submit("import time; time.sleep(30)")
    answer = post(api, {"run_id": run["id"]})
    assert (answer.status, answer.json()["code"]) == (409, "run_active")
    api.cancel(run["id"])
    made = share(api, api.wait_ended(run["id"]))
    assert read(api, made).json()["run"]["status"] == "cancelled"
    assert revoke(api, made).status == 204


def test_nobody_revokes_what_is_not_theirs(api):
    run = api.run("print(1)")
    mine, other = share(api, run), share(api, run)
    for token in ("", "x", mine["id"], other["revoke_token"], NOBODYS):
        answer = revoke(api, mine, token)
        assert (answer.status, answer.json()["code"]) == (403, "wrong_revoke_token"), token
    assert api.request("DELETE", mine["links"]["self"] + "?token=" + mine["revoke_token"]).status == 403
    assert revoke(api, mine).status == revoke(api, other).status == 204


@pytest.mark.parametrize("share_id", [NOBODYS, "x", "U" * 32, "01jd0000000000000000000000", "a" * 4000])
@pytest.mark.parametrize("part", ["", "/stdout", "/submission", "/displays/0"])
def test_what_is_not_there_is_always_the_same(api, share_id, part):
    answer = api.request("GET", f"/api/v1/shares/{share_id}{part}")
    assert (answer.status, answer.json()["code"]) == (404, "share_not_found")


@pytest.mark.parametrize("body", [b"", b"[" * 4_000_000, b'{"run_id": "' + b"x" * 100_000 + b'"}', b'{"run_id": "\xff"}', b"{}\0", b'{"run_id": 3}'])
def test_bodies_that_are_none(api, body):
    assert post(api, body).status in (400, 413, 415, 422)


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("GET", "/api/v1/shares", "OPTIONS, POST"),
        ("TRACE", "/api/v1/shares", "OPTIONS, POST"),
        ("PUT", f"/api/v1/shares/{NOBODYS}", "DELETE, GET, HEAD, OPTIONS"),
        ("TRACE", f"/api/v1/shares/{NOBODYS}", "DELETE, GET, HEAD, OPTIONS"),
        ("POST", f"/api/v1/shares/{NOBODYS}/stdout", "GET, HEAD, OPTIONS"),
        ("TRACE", "/embed", "GET, HEAD"),
    ],
)
def test_a_refused_method_comes_with_those_that_are_not(api, method, path, allow):
    answer = api.request(method, path)
    assert (answer.status, answer.headers["allow"]) == (405, allow)


def test_only_the_embedded_view_can_be_framed_and_only_where_the_operator_says(api):
    embed = api.request("GET", "/embed", headers={"accept-encoding": "identity"})
    assert embed.status == 200 and embed.headers["content-type"].startswith("text/html")
    policy = embed.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy, "by default nowhere"
    assert "default-src 'none'" in policy and "script-src 'self';" in policy and "unsafe" not in policy
    assert embed.headers["referrer-policy"] == "no-referrer"
    assert embed.headers["x-robots-tag"] == "noindex"
    assert embed.headers["cache-control"] == "no-cache"
    assert "frame-ancestors 'none'" in api.request("GET", "/").headers["content-security-policy"]


def test_the_log_has_no_addresses_of_shares(api, kubectl):
    made = share(api, api.run("print(1)"))
    mark = f"share-log-{made['id'][:8]}"
    answer = api.request("GET", made["links"]["self"] + "/stdout", headers={"x-request-id": mark})
    assert answer.status == 200
    assert revoke(api, made).status == 204

    def logged() -> str:
        # nginx writes its log once a second.
        log = kubectl("-n", SYSTEM, "logs", "-l", "app.kubernetes.io/component=api", "-c", "web", "--since=5m", "--tail=-1")
        return log if mark in log else ""

    log = wait_until("the request is in the log", logged)
    assert made["id"] not in log
    assert any(mark in line and '"/api/v1/shares/-/stdout"' in line for line in log.splitlines())
