"""The API as a caller sees it: plain HTTP, plain dictionaries, and waiting for a state with a deadline."""

import dataclasses
import http.client
import json
import os
import time
import urllib.parse

ENDED = frozenset({"succeeded", "failed", "timed_out", "out_of_memory", "cancelled", "error"})
DEADLINE_SECONDS = 120  # how long anything may take before a test calls it lost; says nothing about speed


def wait_until(what: str, condition, deadline_seconds: float = DEADLINE_SECONDS, pause_seconds: float = 0.05):
    """Returns the first true value of condition(), or fails naming what did not happen."""
    end = time.monotonic() + deadline_seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"after {deadline_seconds} s still not: {what}")
        time.sleep(pause_seconds)


@dataclasses.dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self):
        return json.loads(self.body)


class Api:
    def __init__(self, site: str, client_address: str | None = None, timeout_seconds: float = DEADLINE_SECONDS):
        """`client_address`: where requests come from, for a site on this machine that serves its clients fairly."""
        parts = urllib.parse.urlsplit(site)
        self.host, self.port = parts.hostname, parts.port or 80
        self.source = (client_address, 0) if client_address else None
        self.timeout_seconds = timeout_seconds

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(self.host, self.port, timeout=self.timeout_seconds, source_address=self.source)

    def request(self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> Answer:
        connection = self.connect()
        try:
            connection.request(method, path, body=body, headers=headers or {})
            response = connection.getresponse()
            return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, response.read())
        finally:
            connection.close()

    def post(self, submission, wait: int | None = None) -> Answer:
        path = "/api/v1/runs" if wait is None else f"/api/v1/runs?wait={wait}"
        body = submission if isinstance(submission, bytes) else json.dumps(submission).encode()
        return self.request("POST", path, body, {"content-type": "application/json"})

    def submit(self, source: str, **rest) -> dict:
        """The run as accepted, not waited for."""
        answer = self.post({"source": source, **rest})
        assert answer.status == 201, answer
        return answer.json()

    def get(self, run_id: str) -> dict:
        answer = self.request("GET", f"/api/v1/runs/{run_id}")
        assert answer.status == 200, answer
        return answer.json()

    def run(self, source: str, **rest) -> dict:
        """The run when it has ended."""
        answer = self.post({"source": source, **rest}, wait=60)
        assert answer.status == 201, answer
        run = answer.json()
        return run if run["status"] in ENDED else self.wait_ended(run["id"])

    def wait_ended(self, run_id: str, deadline_seconds: float = DEADLINE_SECONDS) -> dict:
        return self.wait_status(run_id, ENDED, deadline_seconds)

    def wait_status(self, run_id: str, wanted, deadline_seconds: float = DEADLINE_SECONDS) -> dict:
        """The run once its state is one of `wanted`; fails at once if it has ended in another."""
        wanted = {wanted} if isinstance(wanted, str) else wanted

        def reached():
            run = self.get(run_id)
            assert run["status"] in wanted or run["status"] not in ENDED, f"ended otherwise: {run}"
            return run if run["status"] in wanted else None

        return wait_until(f"run {run_id} is {sorted(wanted)}", reached, deadline_seconds)

    def output(self, run_id: str, stream: str = "stdout") -> bytes:
        answer = self.request("GET", f"/api/v1/runs/{run_id}/{stream}")
        assert answer.status == 200, answer
        return answer.body

    def cancel(self, run_id: str) -> Answer:
        return self.request("POST", f"/api/v1/runs/{run_id}/cancel")

    def events(self, run_id: str, last_event_id: str | None = None):
        """Yields (event, id, data) of the live stream as they come; ends when the server ends it."""
        headers = {"accept": "text/event-stream"}
        if last_event_id is not None:
            headers["last-event-id"] = last_event_id
        connection = self.connect()
        try:
            connection.request("GET", f"/api/v1/runs/{run_id}/events", headers=headers)
            response = connection.getresponse()
            assert response.status == 200, (response.status, response.read())
            assert response.getheader("content-type", "").startswith("text/event-stream")
            event, event_id, data = "message", None, []
            while line := response.readline():
                field, _, value = line.decode().rstrip("\n").partition(":")
                value = value.removeprefix(" ")
                if field == "event":
                    event = value
                elif field == "id":
                    event_id = value
                elif field == "data":
                    data.append(value)
                elif not field and not value and data:
                    yield event, event_id, json.loads("\n".join(data))
                    event, data = "message", []
        finally:
            connection.close()


def site_from_environment() -> str:
    return os.environ.get("ONESHOT_SITE", "http://127.0.0.1:8000")
