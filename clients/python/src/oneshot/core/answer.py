"""Reads an HTTP/1.1 answer from the bytes of a connection, whoever received them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Dict, List, Mapping, Optional

from oneshot.errors import UnreadableAnswer

HEAD_BYTES = 64 * 1024
LINE_BYTES = 4096  # of a chunk's size or a trailer
STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([1-5][0-9][0-9])(?: .*)?")
CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;.*)?")


class CutShort(Exception):
    """The connection ended before the answer did."""


@dataclass(frozen=True)
class Head:
    status: int
    headers: Mapping[str, str]  # names in lower case

    @property
    def media_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


class AnswerReader:
    def __init__(self) -> None:
        self.head: Optional[Head] = None
        self.is_complete = False
        self._rest = bytearray()
        self._is_chunked = False
        self._left: Optional[int] = None  # of the body, or of the chunk; None: until the connection is closed
        self._ends_chunk = False  # the line after a chunk's bytes comes next
        self._in_trailer = False

    def feed(self, data: bytes) -> bytes:
        """The bytes of the body that `data` brings. No data means that the connection was closed."""
        if not data:
            if self.head is None or self._is_chunked or self._left is not None:
                raise CutShort
            self.is_complete = True
            return b""
        self._rest += data
        if self.head is None and not self._read_head():
            return b""
        return self._read_chunks() if self._is_chunked else self._read_plain()

    def _read_head(self) -> bool:
        while self.head is None:
            end = self._rest.find(b"\r\n\r\n")
            if end > HEAD_BYTES or (end < 0 and len(self._rest) > HEAD_BYTES):
                raise UnreadableAnswer("the head of the answer is too long")
            if end < 0:
                return False
            lines = bytes(self._rest[:end]).split(b"\r\n")
            del self._rest[: end + 4]
            self._begin(lines)
        return True

    def _begin(self, lines: List[bytes]) -> None:
        match = STATUS_LINE.fullmatch(lines[0])
        if not match:
            raise UnreadableAnswer(f"this is no HTTP answer: {lines[0][:80]!r}")
        status = int(match[1])
        if status < 200:
            return  # an interim answer; the real one follows
        headers = _headers(lines[1:])
        if status in (204, 304):
            self._left = 0
        elif "transfer-encoding" in headers:
            if headers["transfer-encoding"].lower() != "chunked":
                raise UnreadableAnswer(f"unknown Transfer-Encoding: {headers['transfer-encoding'][:80]!r}")
            self._is_chunked, self._left = True, 0
        elif "content-length" in headers:
            if not re.fullmatch(r"[0-9]{1,15}", headers["content-length"]):
                raise UnreadableAnswer(f"unreadable Content-Length: {headers['content-length'][:80]!r}")
            self._left = int(headers["content-length"])
        self.is_complete = self._left == 0 and not self._is_chunked
        self.head = Head(status, headers)

    def _read_plain(self) -> bytes:
        body = self._take(len(self._rest) if self._left is None else self._left)
        self.is_complete = self._left == 0
        return body

    def _read_chunks(self) -> bytes:
        body = bytearray()
        while not self.is_complete:
            if self._left:
                body += self._take(self._left)
                if self._left:
                    break
                self._ends_chunk = True
            line = self._take_line()
            if line is None:
                break
            if self._in_trailer:
                self.is_complete = not line
            elif self._ends_chunk:
                if line:
                    raise UnreadableAnswer("a chunk of the answer does not end where it should")
                self._ends_chunk = False
            else:
                size = CHUNK_SIZE.fullmatch(line)
                if not size:
                    raise UnreadableAnswer(f"unreadable size of a chunk: {line[:80]!r}")
                self._left = int(size[1], 16)
                self._in_trailer = self._left == 0
        return bytes(body)

    def _take(self, count: int) -> bytes:
        part = bytes(self._rest[:count])
        del self._rest[:count]
        if self._left is not None:
            self._left -= len(part)
        return part

    def _take_line(self) -> Optional[bytes]:
        end = self._rest.find(b"\r\n", 0, LINE_BYTES)
        if end < 0:
            if len(self._rest) >= LINE_BYTES:
                raise UnreadableAnswer("a line of the answer is too long")
            return None
        line = bytes(self._rest[:end])
        del self._rest[: end + 2]
        return line


def _headers(lines: List[bytes]) -> Dict[str, str]:
    headers: Dict[str, str] = {}
    for line in lines:
        name, colon, value = line.decode("latin-1").partition(":")
        if not colon or not name or name != name.strip():
            raise UnreadableAnswer(f"unreadable header: {line[:80]!r}")
        name, value = name.lower(), value.strip()
        if name in ("content-length", "transfer-encoding") and headers.get(name, value) != value:
            raise UnreadableAnswer(f"two different values of {name}")
        headers[name] = value
    return headers
