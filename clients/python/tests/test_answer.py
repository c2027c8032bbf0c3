"""HTTP answers are read whatever the places at which a connection cuts them."""

from __future__ import annotations

import pytest

from oneshot.core.answer import HEAD_BYTES, AnswerReader, CutShort
from oneshot.errors import UnreadableAnswer

PLAIN = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nhel\r\n2\r\nlo\r\n0\r\nX-Trailer: 1\r\n\r\n"
INTERIM = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + PLAIN


def read(data: bytes, step: int) -> tuple[AnswerReader, bytes]:
    reader = AnswerReader()
    return reader, b"".join(reader.feed(data[at : at + step]) for at in range(0, len(data), step))


@pytest.mark.parametrize("step", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize("data", [PLAIN, CHUNKED, INTERIM])
def test_an_answer_is_whole_in_whatever_pieces_it_comes(data: bytes, step: int) -> None:
    reader, body = read(data, step)
    assert (reader.is_complete, body) == (True, b"hello")
    assert reader.head is not None and reader.head.status == 200


def test_without_a_length_the_closed_connection_is_the_end() -> None:
    reader, body = read(b"HTTP/1.1 200 OK\r\n\r\nhello", 4)
    assert (reader.is_complete, body) == (False, b"hello")
    reader.feed(b"")
    assert reader.is_complete


def test_an_answer_without_a_body_is_complete_at_once() -> None:
    assert read(b"HTTP/1.1 204 No Content\r\n\r\n", 100)[0].is_complete
    assert read(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 100)[0].is_complete


@pytest.mark.parametrize("data", [b"", b"HTTP/1.1 200", PLAIN[:-1], CHUNKED[:-1], CHUNKED[:-30]])
def test_a_connection_that_ends_early_is_told_from_an_end(data: bytes) -> None:
    reader = AnswerReader()
    if data:
        reader.feed(data)
    with pytest.raises(CutShort):
        reader.feed(b"")


@pytest.mark.parametrize(
    "data",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        b"HTTP/2 200\r\n\r\n",
        b"HTTP/1.1 999 Odd\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno header\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nA: 1\r\n folded: 2\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1" * 5000,
        b"x" * (HEAD_BYTES + 1),
    ],
)
def test_what_is_no_answer_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableAnswer):
        AnswerReader().feed(data)
