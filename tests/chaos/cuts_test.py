"""A cut stops exactly what it names, and leaves nothing: with a server and a client of this test, on the machine's own packet filter."""

import socket
import subprocess
import sys

import pytest

import cuts

# Sends a letter for each line that it reads, and says what came back.
CLIENT = """
import socket, sys
connection = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
connection.settimeout(0.5)
for letter in sys.stdin:
    try:
        connection.sendall(letter[:1].encode())
        print(connection.recv(10).decode(), flush=True)
    except TimeoutError:
        print("silence", flush=True)
"""


class Echo:
    """The client is a process of its own, as cuts go by processes."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        command = [sys.executable, "-c", CLIENT, str(self.port)]
        self.client = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        self.connection, _ = self.listener.accept()
        self.connection.settimeout(0.1)

    def ask(self, letter: str) -> tuple[str, str]:
        """What the server got, and what the client did."""
        self.client.stdin.write(letter + "\n")
        try:
            got = self.connection.recv(10).decode()
            self.connection.sendall(got.encode())
        except TimeoutError:
            got = "silence"
        return got, self.client.stdout.readline().strip()

    def close(self) -> None:
        self.client.stdin.close()
        self.client.wait(timeout=10)
        self.connection.close()
        self.listener.close()


@pytest.fixture
def echo(monkeypatch):
    try:
        cuts.require()
    except (cuts.CannotCut, OSError) as fault:
        pytest.skip(str(fault))
    made = Echo()
    monkeypatch.setitem(cuts.PORTS, "echo", made.port)
    yield made
    cuts.undo()
    made.close()


@pytest.mark.parametrize("direction,seen", [("there", ("silence", "silence")), ("back", ("b", "silence")), ("both", ("silence", "silence"))])
def test_a_cut_stops_one_way_or_both(echo, direction, seen):
    assert echo.ask("a") == ("a", "a")
    cuts.cut(7, [echo.client.pid], "echo", direction)
    assert echo.ask("b") == seen
    cuts.mend(7)
    # What was held back arrives late, as it does in a network.
    assert echo.client.poll() is None


def test_a_cut_stops_nobody_else(echo):
    other = Echo()
    cuts.PORTS["echo"] = other.port
    cuts.cut(8, [other.client.pid], "echo", "both")
    assert echo.ask("a") == ("a", "a")
    other.close()


def test_nothing_is_left_of_cuts_that_nobody_mended(echo):
    for number in (1, 2):
        cuts.cut(number, [echo.client.pid], "echo", "both")
    cuts.undo()
    assert cuts.TABLE not in cuts.nft("list", "tables")
    assert echo.ask("a") == ("a", "a")
    place = cuts.net_cls()
    assert place is None or not list(place.glob(f"{cuts.GROUP}-*"))
