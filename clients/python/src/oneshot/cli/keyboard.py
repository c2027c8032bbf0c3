"""Sends what is typed to the program, line by line. The terminal stays as it is: it echoes, edits lines and makes Ctrl-D their end."""

from __future__ import annotations

import errno
import os
import signal
import threading
import time
from typing import Callable

from oneshot.client import Client
from oneshot.errors import InputRefused, InputTooLarge, OneshotError

LINE_BYTES = 4096  # the longest line of a terminal; it gives one at a time
BACKGROUND_SECONDS = 1.0


class Keyboard:
    """While the context is entered, what is typed on a terminal is sent to a run. Leaving it waits for nothing."""

    def __init__(self, client: Client, run_id: str, terminal: int, seconds_left: Callable[[], float], note: Callable[[str], None]):
        self._client = client
        self._run_id = run_id
        self._terminal = terminal
        self._seconds_left = seconds_left
        self._note = note
        self._notes = threading.Lock()
        self._is_left = False

    def __enter__(self) -> None:
        # Nothing can end a read of a terminal from outside, so it ends with the process.
        threading.Thread(target=self._pass_on, daemon=True).start()

    def __exit__(self, *_: object) -> None:
        with self._notes:
            self._is_left = True

    def _pass_on(self) -> None:
        # Signals are the main thread's. SIGTTIN would stop a command in the background: without it, reading there is an error.
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        seq = 0
        try:
            while line := self._read_line():
                seq = self._send(line, seq)
            self._client.end_input(self._run_id, seq=seq, timeout=self._seconds_left())
        except InputRefused:
            pass  # the run has ended, or its input has
        except (OneshotError, OSError) as fault:
            self._tell(str(fault))

    def _send(self, line: bytes, seq: int) -> int:
        try:
            return self._client.send(self._run_id, line, seq=seq, timeout=self._seconds_left())
        except InputTooLarge as error:  # a shorter line may have room, and the end has it always
            self._tell(str(error))
            return seq

    def _read_line(self) -> bytes:
        while True:
            try:
                return os.read(self._terminal, LINE_BYTES)
            except OSError as fault:
                if fault.errno != errno.EIO or os.tcgetpgrp(self._terminal) == os.getpgrp():
                    raise
                time.sleep(BACKGROUND_SECONDS)  # nothing tells when the shell gives the terminal back

    def _tell(self, text: str) -> None:
        """Nothing any more after the context: at its end, Python cannot bear that another thread writes."""
        with self._notes:
            if not self._is_left:
                self._note(text)
