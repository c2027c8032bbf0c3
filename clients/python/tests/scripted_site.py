"""A site that answers as a test says, over real sockets: each connection gets the next answer of the script."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from dataclasses import dataclass
from typing import Any, Callable, Dict, List, Optional, Union

DEADLINE_SECONDS = 30  # how long anything may take before it counts as lost
RUN_ID = "01m8q1q57fd3xsetg04jv796b8"


@dataclass(frozen=True)
class Received:
    method: str
    target: str
    headers: Dict[str, str]  # names in lower case
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


Reply = Union[bytes, Callable[[socket.socket, Received], None]]


def answer(status: int, body: bytes = b"", media_type: str = "application/json", **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Type: {media_type}", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def json_answer(value: object, status: int = 200, **headers: str) -> bytes:
    return answer(status, json.dumps(value).encode(), **headers)


def problem(status: int, code: str, **more: Any) -> bytes:
    headers = more.pop("headers", {})
    body = {"type": "about:blank", "title": code.replace("_", " "), "status": status, "code": code, "request_id": "r1", **more}
    return answer(status, json.dumps(body).encode(), "application/problem+json", **headers)


def run_json(status: str = "succeeded", **more: Any) -> Dict[str, Any]:
    return {"id": RUN_ID, "status": status, "exit_code": 0 if status == "succeeded" else None, **more}


def chunked(*parts: bytes, is_complete: bool = True) -> bytes:
    """As a proxy passes on a stream."""
    body = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts)
    return body + (b"0\r\n\r\n" if is_complete else b"")


STREAM_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n"


def event(name: str, data: object, event_id: str = "") -> bytes:
    mark = f"id: {event_id}\n" if event_id else ""
    return f"event: {name}\n{mark}data: {json.dumps(data)}\n\n".encode()


def output(text: str, event_id: str = "", stream: str = "stdout") -> bytes:
    return event(stream, {"text": text, "ms": 1}, event_id)


def stream(*events: bytes, is_complete: bool = True) -> bytes:
    return STREAM_HEAD + chunked(*events, is_complete=is_complete)


class ScriptedSite:
    def __init__(self, *script: Reply, tls: Optional[ssl.SSLContext] = None):
        self.received: List[Received] = []
        self.faults: List[str] = []
        self._script = list(script)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(DEADLINE_SECONDS)
        self._tls = tls
        self.url = "{}://127.0.0.1:{}".format("https" if tls else "http", self._listener.getsockname()[1])
        self._thread = threading.Thread(target=self._serve)
        self._stops = False
        self._thread.start()

    def script(self, *replies: Reply) -> None:
        self._script += replies

    def close(self) -> None:
        self._stops = True
        with socket.create_connection(self._listener.getsockname()):
            pass
        self._thread.join(DEADLINE_SECONDS)
        self._listener.close()
        assert not self.faults, self.faults
        assert not self._script, f"{len(self._script)} answers that nobody asked for"

    def _serve(self) -> None:
        while self.serve_next():
            pass

    def serve_next(self) -> bool:
        """Answers one connection. A reply may call it, to answer others while its own is open."""
        connection, _ = self._listener.accept()
        with connection:
            if self._stops:
                return False
            connection.settimeout(DEADLINE_SECONDS)
            try:
                if self._tls:
                    connection = self._tls.wrap_socket(connection, server_side=True)
                with connection:
                    self._answer(connection)
            except OSError:
                pass  # the client has gone: what it makes of that is what the test looks at
        return True

    def _answer(self, connection: socket.socket) -> None:
        received = receive(connection)
        self.received.append(received)
        if not self._script:
            self.faults.append(f"unexpected: {received.method} {received.target}")
            return
        reply = self._script.pop(0)
        if callable(reply):
            reply(connection, received)
        else:
            connection.sendall(reply)


def receive(connection: socket.socket) -> Received:
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65536)
        if not part:
            raise ConnectionError("the client sent no whole request")
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    while len(body) < int(headers.get("content-length", "0")):
        body += connection.recv(65536)
    method, target, _ = first.split(" ")
    return Received(method, target, headers, body)


def hang(connection: socket.socket, _: Received) -> None:
    """Says nothing until the client has gone."""
    while connection.recv(65536):
        pass


def then_hang(reply: bytes) -> Reply:
    def send(connection: socket.socket, received: Received) -> None:
        connection.sendall(reply)
        hang(connection, received)

    return send
