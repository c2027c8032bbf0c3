"""Submits a program, writes its output, and ends as it ended."""

from __future__ import annotations

import contextlib
import functools
import json
import logging
import os
import pathlib
import signal
import sys
import time
from typing import Dict, Iterator, Optional, Sequence, TextIO, Union

from oneshot.cli import exit_status
from oneshot.cli.keyboard import Keyboard
from oneshot.cli.options import Options, parse
from oneshot.cli.save import save_below
from oneshot.cli.sinks import ExactSink, TerminalSink, write_all
from oneshot.cli.terminal import Progress
from oneshot.client import Client
from oneshot.core.operations import CALL_SECONDS, SLOWEST_BYTES
from oneshot.errors import OneshotError
from oneshot.events import Ended, Event, OutputPiece, Reset
from oneshot.events import Progress as ProgressEvent
from oneshot.models import STREAMS, Run, StreamName

CANCEL_SECONDS = 5.0  # for telling the site that nobody waits any more
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SUFFIXES = {"image/png": ".png", "image/svg+xml": ".svg"}
Sink = Union[ExactSink, TerminalSink]


class Stopped(BaseException):
    """A signal asks this command to end. Not an Exception: nothing may take it for a fault of the run."""

    def __init__(self, number: int):
        super().__init__(number)
        self.number = number


def main(arguments: Optional[Sequence[str]] = None) -> int:
    progress = Progress(sys.stderr)
    for number in STOP_SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup wants it
            signal.signal(number, _stop)
    try:
        return Command(parse(arguments), progress).execute()
    except Stopped as stopped:
        progress.clear()
        return exit_status.BY_SIGNAL + stopped.number
    except BrokenPipeError:
        # Nobody reads the output. What Python flushes at its end must not fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return exit_status.BY_SIGNAL + signal.SIGPIPE
    except OneshotError as error:
        progress.note(str(error))
        return exit_status.of_error(error)
    except (OSError, ValueError) as fault:  # a file that cannot be written, an address that is none
        progress.note(str(fault))
        return exit_status.USAGE


def _stop(number: int, _frame: object) -> None:
    raise Stopped(number)


class Command:
    def __init__(self, options: Options, progress: Progress):
        self.options = options
        self.progress = progress
        self.client = Client(options.url)
        self.deadline = time.monotonic() + options.timeout
        self.follows = not options.json and (sys.stdout.isatty() if options.follow is None else options.follow)
        self.talks = self.follows and options.takes_typing and sys.stdin is not None and sys.stdin.isatty()
        self.sinks: Dict[StreamName, Sink] = {"stdout": self._sink(sys.stdout), "stderr": self._sink(sys.stderr)}
        if progress.is_wanted:
            _tell_repetitions(progress)

    def execute(self) -> int:
        self.progress.show("submitting")
        timeout = min(self._seconds_left(), self._seconds_to_submit())
        accepted = self.client.submit(**self.options.submission, stdin_open=self.talks, timeout=timeout)
        with self._cancelled_if_left(accepted.id):
            if self.options.id_file:
                pathlib.Path(self.options.id_file).write_text(f"{accepted.id}\n", encoding="utf-8")
            if self.talks:
                with Keyboard(self.client, accepted.id, sys.stdin.fileno(), self._seconds_left, self.progress.note):
                    run = self._follow(accepted.id)
            elif self.follows or self.progress.is_wanted:
                run = self._follow(accepted.id)
            else:
                run = self.client.wait(accepted.id, timeout=self._seconds_left())
        self.progress.end()
        if self.options.json:
            write_all(sys.stdout.buffer, f"{json.dumps(self.client.get(run.id).raw, indent=2)}\n".encode("ascii"))
        else:
            self._write_output(run)
        self._save_displays(run)
        all_saved = self._save_output_files(run)
        self._tell(run)
        return exit_status.of_run(run) if all_saved else exit_status.USAGE

    def _sink(self, file: TextIO) -> Sink:
        return TerminalSink(file) if file.isatty() and not self.options.raw else ExactSink(file.buffer)

    def _seconds_left(self) -> float:
        return max(0.001, self.deadline - time.monotonic())

    def _seconds_to_submit(self) -> float:
        """A site that cannot be reached is not waited for as long as a run, but large files may take their time."""
        return CALL_SECONDS + sum(map(len, self.options.submission["files"].values())) / SLOWEST_BYTES

    @contextlib.contextmanager
    def _cancelled_if_left(self, run_id: str) -> Iterator[None]:
        try:
            yield
        except BaseException:  # whatever it is: nobody waits for the run any more
            self.progress.show("cancelling the run")
            with contextlib.suppress(OneshotError):
                self.client.cancel(run_id, timeout=CANCEL_SECONDS)
            raise

    def _follow(self, run_id: str) -> Run:
        with contextlib.closing(self.client.events(run_id, timeout=self._seconds_left())) as events:
            for event in events:
                if isinstance(event, Ended):
                    return event.run
                if isinstance(event, ProgressEvent):
                    self._write_progress(event)
                elif self.follows:
                    self._write_event(event)
        raise AssertionError("the last event is the end")

    def _write_progress(self, event: ProgressEvent) -> None:
        if self.talks and event.status == "running":
            self.progress.end()  # what is typed now is echoed to a line of its own
        else:
            self.progress.show(describe(event))

    def _write_event(self, event: Event) -> None:
        if isinstance(event, Reset):
            for sink in self.sinks.values():
                sink.start_over()
            self.progress.note(f"the run starts over in attempt {event.attempt}; the output so far is void")
        elif isinstance(event, OutputPiece):
            self.progress.end()
            self.sinks[event.stream].feed(event.text)

    def _write_output(self, run: Run) -> None:
        for stream in STREAMS:
            is_written = self.follows or getattr(run.output, f"{stream}_bytes") == 0
            self.sinks[stream].finish(
                is_written, functools.partial(self.client.output, run.id, stream, timeout=max(CALL_SECONDS, self._seconds_left()))
            )

    def _save_displays(self, run: Run) -> None:
        if self.options.display is None:
            return
        folder = pathlib.Path(self.options.display)
        folder.mkdir(parents=True, exist_ok=True)
        for display in run.displays:
            suffix = SUFFIXES.get(display.mime)
            path = folder / (f"figure-{display.number}{suffix}" if suffix else f"table-{display.number}.json")
            path.write_bytes(self.client.display(run.id, display.number))
            self.progress.note(f"{path}{f': {display.alt}' if display.alt else ''}")

    def _save_output_files(self, run: Run) -> bool:
        if self.options.output_dir is None:
            return True
        folder = pathlib.Path(self.options.output_dir)
        folder.mkdir(parents=True, exist_ok=True)
        all_saved = True
        for file in run.output_files:
            try:
                content = self.client.output_file(run.id, file.number, timeout=max(CALL_SECONDS, self._seconds_left()))
                self.progress.note(str(save_below(folder, file.path, content)))
            except (OSError, ValueError) as fault:
                self.progress.note(f"not saved: {fault}")
                all_saved = False
        return all_saved

    def _tell(self, run: Run) -> None:
        if run.status not in ("succeeded", "failed"):
            self.progress.note(f"{run.status.replace('_', ' ')}: {run.message or run.reason or 'for an unknown reason'}")
        elif run.signal is not None or run.exit_code is None:
            self.progress.note(run.message or (f"ended by {_signal_name(run.signal)}" if run.signal else run.reason or run.status))
        for stream in STREAMS:
            dropped = getattr(run.output, f"{stream}_dropped_bytes")
            if dropped and not self.options.json:
                self.progress.note(f"{dropped} bytes of {stream} were not kept: --limit output_bytes=N keeps more")
        if run.dropped_displays:
            self.progress.note(f"{run.dropped_displays} figures or tables were not kept")
        if run.dropped_output_files:
            self.progress.note(f"{run.dropped_output_files} files did not come back: too many, too large together, or with names that cannot be told")


def describe(progress: ProgressEvent) -> str:
    """Such as `queued at place 3, starts in about 4 s`."""
    text = progress.status
    if progress.status == "queued" and progress.queue_position is not None:
        text += f" at place {'over 1000' if progress.queue_position > 1000 else progress.queue_position}"
        if progress.starts_in_ms is not None:
            text += f", starts in about {max(1, round(progress.starts_in_ms / 1000))} s"
    if progress.attempt > 1:
        text += f", attempt {progress.attempt}"
    return f"{text}: {progress.message}" if progress.message else text


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _tell_repetitions(progress: Progress) -> None:
    class Shower(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            progress.show(record.getMessage())

    log = logging.getLogger("oneshot")
    log.setLevel(logging.INFO)
    log.addHandler(Shower())
    log.propagate = False
