"""nginx stands between the world and the api's HTTP library: what would harm the library never reaches it."""

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
    head = b"POST /api/v1/runs HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
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
    answer = raw(api, b"POST /api/v1/runs HTTP/1.1\r\nHost: x\r\n" + headers + b"\r\n0\r\n\r\n")
    assert status_of(answer) in (400, 431)


def test_no_host(api):
    assert status_of(raw(api, b"GET / HTTP/1.1\r\n\r\n")) == 400


def test_pipelined_requests_are_all_answered(api):
    one = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    last = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    assert raw(api, one + one + last).count(b"HTTP/1.1 200") == 3


def test_head_has_no_body_and_harms_nobody(api):
    first = b"HEAD /version HTTP/1.1\r\nHost: x\r\n\r\n"
    last = b"GET /version HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    answer = raw(api, first + last)
    assert answer.count(b"HTTP/1.1 200") == 2


def test_trace_is_refused(api):
    answer = api.request("TRACE", "/api/v1/runs", headers={"cookie": "secret"})
    assert answer.status == 405 and b"secret" not in answer.body


def test_metrics_are_not_public(api):
    assert api.request("GET", "/metrics").status == 404


def test_the_page_and_its_headers(api):
    page = api.request("GET", "/", headers={"accept-encoding": "identity"})
    assert page.status == 200 and page.headers["content-type"].startswith("text/html")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "script-src 'self';" in policy and "frame-ancestors 'none'" in policy
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["cache-control"] == "no-cache"


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
