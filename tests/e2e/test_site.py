"""nginx is between the world and the api's HTTP library: what would harm the library never reaches it."""

import re
import socket

import pytest

pytestmark = pytest.mark.usefixtures("still_works")


def raw(api, request: bytes, then_close: bool = False) -> bytes:
    with socket.create_connection((api.host, api.port), timeout=30) as connection:
        connection.sendall(request)
        if then_close:
            connection.shutdown(socket.SHUT_WR)
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
        return answer


def status_of(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


@pytest.mark.parametrize("size", [b"-1", b"-2", b"-5", b"zz", b"ffffffffffffffff", b"7fffffffffffffff"])
def test_a_malformed_chunk_size(api, size):
    head = b"POST /api/v1/runs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert status_of(raw(api, head + size + b"\r\nabc\r\n0\r\n\r\n")) in (400, 413)


@pytest.mark.parametrize(
    "headers",
    [
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        b"Content-Length: 5\r\nContent-Length: 6\r\n",
        b"Content-Length: -1\r\n",
        b"X: " + b"a" * 100_000 + b"\r\n",
    ],
    ids=["length-and-chunked", "two-lengths", "negative-length", "huge-header"],
)
def test_a_request_that_means_two_things_or_too_much(api, headers):
    answer = raw(api, b"POST /api/v1/runs HTTP/1.1\r\nHost: localhost\r\n" + headers + b"\r\n0\r\n\r\n")
    assert status_of(answer) in (400, 431)


def test_no_host(api):
    assert status_of(raw(api, b"GET / HTTP/1.1\r\n\r\n")) == 400


def test_pipelined_requests_are_all_answered(api):
    one = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    last = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    assert raw(api, one + one + last).count(b"HTTP/1.1 200") == 3


def test_head_has_no_body_and_harms_nobody(api):
    first = b"HEAD /version HTTP/1.1\r\nHost: localhost\r\n\r\n"
    last = b"GET /version HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    answer = raw(api, first + last)
    assert answer.count(b"HTTP/1.1 200") == 2


@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "127.0.0.1", "127.0.0.1:1", "[::1]", "[::1]:8000", "LOCALHOST"])
def test_a_configured_host(api, host):
    assert api.request("GET", "/", headers={"host": host}).status == 200
    assert api.request("GET", "/api/v1/runs", headers={"host": host}).status == 200


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example:8000", "10.0.0.1", "[::2]", "x"])
@pytest.mark.parametrize(("method", "path"), [("GET", "/"), ("GET", "/api/v1/runs"), ("POST", "/api/v1/runs"), ("GET", "/readyz")])
def test_another_host_is_refused(api, host, method, path):
    answer = api.request(method, path, b'{"source":"1"}' if method == "POST" else None, {"host": host, "content-type": "application/json"})
    assert answer.status == 421
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "misdirected_request" and answer.json()["request_id"]


def test_the_host_of_an_absolute_address_counts(api):
    request = b"GET http://evil.example/api/v1/runs HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    assert status_of(raw(api, request)) == 421


RUN = "/api/v1/runs/01jd0000000000000000000000"
OWN, FOREIGN = "http://localhost:8000", "http://evil.example"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 404),
        ({"origin": OWN}, 404),
        ({"origin": "https://localhost:8000"}, 404),
        ({"sec-fetch-site": "same-origin", "origin": OWN}, 404),
        ({"sec-fetch-site": "none"}, 404),
        # Behind a proxy that changes the host name the browser's own word counts.
        ({"sec-fetch-site": "same-origin", "origin": "https://outside.example"}, 404),
        ({"origin": FOREIGN}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://localhost"}, 403),
        ({"origin": "http://localhost:8001"}, 403),
        ({"origin": "http://localhost:8000.evil.example"}, 403),
        ({"origin": "http://evil.example/localhost:8000"}, 403),
        ({"origin": "http://evil:localhost:8000:evil"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site", "origin": OWN}, 403),
        ({"sec-fetch-site": "cross-site", "origin": OWN}, 403),
        ({"sec-fetch-site": "anything"}, 403),
    ],
)
@pytest.mark.parametrize(("method", "path"), [("POST", "/cancel"), ("DELETE", "")])
def test_a_page_of_another_site_changes_nothing(api, method, path, headers, status):
    answer = api.request(method, RUN + path, headers={"host": "localhost:8000", **headers})
    assert answer.status == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == ("cross_origin" if status == 403 else "run_not_found")


@pytest.mark.parametrize("path", ["/", "/api/v1/runs", "/healthz"])
def test_a_link_from_another_site_works(api, path):
    assert api.request("GET", path, headers={"origin": FOREIGN, "sec-fetch-site": "cross-site"}).status == 200


def test_trace_is_refused(api):
    answer = api.request("TRACE", "/api/v1/runs", headers={"cookie": "secret"})
    assert answer.status == 405 and b"secret" not in answer.body


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("POST", "/", "GET, HEAD"),
        ("OPTIONS", "/", "GET, HEAD"),
        ("DELETE", "/index.html", "GET, HEAD"),
        ("TRACE", "/", "GET, HEAD"),
        ("PUT", "/api/v1/runs", "GET, HEAD, OPTIONS, POST"),
        ("TRACE", "/api/v1/runs?limit=1", "GET, HEAD, OPTIONS, POST"),
        ("POST", RUN, "DELETE, GET, HEAD, OPTIONS"),
        ("TRACE", RUN, "DELETE, GET, HEAD, OPTIONS"),
        ("GET", f"{RUN}/cancel", "OPTIONS, POST"),
        ("TRACE", f"{RUN}/cancel", "OPTIONS, POST"),
        ("DELETE", f"{RUN}/events", "GET, HEAD, OPTIONS"),
        ("TRACE", f"{RUN}/events", "GET, HEAD, OPTIONS"),
        ("POST", "/api/v1/environment", "GET, HEAD, OPTIONS"),
        ("TRACE", "/healthz", "GET, HEAD, OPTIONS"),
    ],
)
def test_a_refused_method_comes_with_those_that_are_not(api, method, path, allow):
    answer = api.request(method, path)
    assert (answer.status, answer.headers["allow"]) == (405, allow)
    assert answer.json()["code"] == "method_not_allowed"


@pytest.mark.parametrize(("path", "allow"), [("/api/v1/runs", "GET, HEAD, OPTIONS, POST"), (RUN, "DELETE, GET, HEAD, OPTIONS"), ("/healthz", "GET, HEAD, OPTIONS")])
def test_options(api, path, allow):
    answer = api.request("OPTIONS", path)
    assert (answer.status, answer.headers["allow"], answer.body) == (204, allow, b"")


def test_metrics_are_not_public(api):
    assert api.request("GET", "/metrics").status == 404


def test_the_page_and_its_headers(api):
    page = api.request("GET", "/", headers={"accept-encoding": "identity"})
    assert page.status == 200 and page.headers["content-type"].startswith("text/html")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "script-src 'self';" in policy and "frame-ancestors 'none'" in policy
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["cache-control"] == "no-cache"


def found_in_assets(api, pattern: str) -> str:
    """The first address that matches among those that the page's scripts name."""
    seen, paths = set(), ["/"]
    for path in paths:
        text = api.request("GET", path, headers={"accept-encoding": "identity"}).body.decode()
        if match := re.search(pattern, text):
            return "/" + match[0]
        new = {"/assets/" + name for name in re.findall(r"(?:assets|\.)/((?:index|codemirror)[\w-]*\.js)", text)} - seen
        seen |= new
        paths += sorted(new)
    raise AssertionError(f"no script of the page names {pattern}")


def test_only_the_worker_that_formats_may_compile_webassembly(api):
    worker = api.request("GET", found_in_assets(api, r"assets/worker-[\w-]+\.js"), headers={"accept-encoding": "identity"})
    assert "script-src 'self' 'wasm-unsafe-eval';" in worker.headers["content-security-policy"]
    assert worker.headers["x-content-type-options"] == "nosniff"
    wasm = re.search(r"ruff_wasm_bg-[\w-]+\.wasm", worker.body.decode())[0]
    for encoding in ("identity", "gzip"):
        program = api.request("GET", f"/assets/{wasm}", headers={"accept-encoding": encoding})
        assert program.headers["content-type"] == "application/wasm"
        assert program.headers.get("content-encoding", "identity") == encoding
        assert "wasm-unsafe-eval" not in program.headers["content-security-policy"]


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/version", "/api/openapi.json", "/api/v1/environment"])
def test_what_the_api_says_about_itself(api, path):
    answer = api.request("GET", path)
    assert answer.status == 200, answer


def test_the_environment_is_the_images(api):
    told = api.request("GET", "/api/v1/environment").json()
    run = api.run("import numpy, pandas, scipy, matplotlib, platform\n"
                  "print(platform.python_version(), numpy.__version__, pandas.__version__, scipy.__version__, matplotlib.__version__)")
    versions = {package["name"]: package["version"] for package in told["packages"]}
    wanted = [told["python"]] + [versions[name] for name in ("numpy", "pandas", "scipy", "matplotlib")]
    assert run["stdout"].split() == wanted
