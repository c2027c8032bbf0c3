"""The address of a site, and the requests that are sent to it."""

from __future__ import annotations

import json
import re
import urllib.parse
from dataclasses import dataclass, field
from typing import Dict, Optional, Tuple, Union

from oneshot.models import StreamName, Submission
from oneshot.version import VERSION

RUNS = "/api/v1/runs"
VISIBLE_ASCII = re.compile(r"[!-~]+")
RUN_ID = re.compile(r"[0-9A-Za-z]+")
MOST_SEQ = 2**31 - 1
Query = Tuple[Tuple[str, Union[str, int, float]], ...]


@dataclass(frozen=True)
class Site:
    host: str
    port: int
    is_secure: bool
    authority: str  # as the Host header has it
    prefix: str  # of every path
    api_key: Optional[str] = field(default=None, repr=False)

    @classmethod
    def parse(cls, url: str, api_key: Optional[str]) -> Site:
        if not VISIBLE_ASCII.fullmatch(url):  # urlsplit would leave some of it out
            raise ValueError(f"{url!r} has characters that an address cannot have")
        parts = urllib.parse.urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{url!r} is not an address such as http://localhost:8000")
        if parts.query or parts.fragment or "@" in parts.netloc:
            raise ValueError("the site's address has no query, fragment or password")
        if api_key is not None and not VISIBLE_ASCII.fullmatch(api_key):
            raise ValueError("the API key is not visible ASCII")  # and is not shown
        is_secure = parts.scheme == "https"
        port = parts.port or (443 if is_secure else 80)
        return cls(parts.hostname, port, is_secure, parts.netloc, parts.path.rstrip("/"), api_key)


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: Query = ()
    headers: Tuple[Tuple[str, str], ...] = ()
    body: Optional[bytes] = None
    accept: str = "application/json"
    media_type: str = "application/json"  # of the body
    is_repeatable: bool = True  # it has the same effect however often it arrives

    def encode(self, site: Site) -> bytes:
        """For a connection of its own: nothing of an earlier request can then spoil it."""
        target = site.prefix + self.path + (f"?{urllib.parse.urlencode(self.query)}" if self.query else "")
        headers: Dict[str, str] = {
            "Host": site.authority,
            "User-Agent": f"oneshot-python/{VERSION}",
            "Accept": f"{self.accept}, application/problem+json",
            "Accept-Encoding": "identity",
            "Connection": "close",
            **dict(self.headers),
        }
        if site.api_key is not None:
            headers["Authorization"] = f"Bearer {site.api_key}"
        if self.body is not None:
            headers["Content-Type"] = self.media_type
        if self.body is not None or self.method == "POST":
            headers["Content-Length"] = str(len(self.body or b""))
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return f"{self.method} {target} HTTP/1.1\r\n{head}\r\n".encode("ascii") + (self.body or b"")


def _of_run(run_id: str, rest: str = "") -> str:
    # An id goes into a path: whatever is not one must not name another place.
    if not RUN_ID.fullmatch(run_id):
        raise ValueError(f"{run_id!r} is not the id of a run")
    return f"{RUNS}/{run_id}{rest}"


def submit_request(submission: Submission, key: str) -> Request:
    """The body is the same, byte for byte, each time it is sent: the key belongs to it."""
    if not VISIBLE_ASCII.fullmatch(key) or len(key) > 255:
        raise ValueError("an idempotency key is 1 to 255 visible ASCII characters")
    body = json.dumps(submission.to_json(), allow_nan=False).encode("ascii")
    return Request("POST", RUNS, (("output", "none"),), (("Idempotency-Key", key),), body)


def get_request(run_id: str, wait: Optional[float] = None) -> Request:
    return Request("GET", _of_run(run_id), () if wait is None else (("wait", f"{wait:.3f}"),))


def list_request(status: Optional[str], page_size: int, cursor: str) -> Request:
    query: Query = (("limit", page_size), ("cursor", cursor))
    return Request("GET", RUNS, query if status is None else (*query, ("status", status)))


def stdin_request(run_id: str, data: Optional[bytes], seq: Optional[int]) -> Request:
    """No data at all is the end of the input."""
    if data == b"":
        raise ValueError("there is no input to send; end_input ends it")
    if seq is not None and not 0 <= seq <= MOST_SEQ:
        raise ValueError(f"a piece of input has a number from 0 to {MOST_SEQ}, not {seq!r}")
    query: Query = () if seq is None else (("seq", int(seq)),)
    return Request(
        "POST",
        _of_run(run_id, "/stdin"),
        query if data is not None else (*query, ("end", "true")),
        body=data,
        media_type="application/octet-stream",
        is_repeatable=seq is not None,
    )


def cancel_request(run_id: str) -> Request:
    return Request("POST", _of_run(run_id, "/cancel"))


def delete_request(run_id: str) -> Request:
    return Request("DELETE", _of_run(run_id))


def submission_request(run_id: str) -> Request:
    return Request("GET", _of_run(run_id, "/submission"))


def output_request(run_id: str, stream: StreamName) -> Request:
    if stream not in ("stdout", "stderr"):
        raise ValueError(f"{stream!r} is not stdout or stderr")
    return Request("GET", _of_run(run_id, f"/{stream}"), accept="application/octet-stream")


def display_request(run_id: str, number: int) -> Request:
    return Request("GET", _of_run(run_id, f"/displays/{int(number)}"), accept="*/*")


def output_file_request(run_id: str, number: int) -> Request:
    return Request("GET", _of_run(run_id, f"/output-files/{int(number)}"), accept="*/*")


def events_request(run_id: str, last_event_id: Optional[str]) -> Request:
    headers = (("Last-Event-ID", last_event_id),) if last_event_id else ()
    return Request("GET", _of_run(run_id, "/events"), (), headers, accept="text/event-stream")


def environment_request() -> Request:
    return Request("GET", "/api/v1/environment")
