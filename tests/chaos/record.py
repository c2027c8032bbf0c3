"""What chaos saw, as plain values: the checker judges it, the report shows it. All times are seconds since the beginning."""

import dataclasses

ENDED = frozenset({"succeeded", "failed", "timed_out", "out_of_memory", "cancelled", "error"})

# What must never change once a run has ended. (Its pod may be told a moment later.)
FINAL_FACTS = ("status", "exit_code", "signal", "reason", "truncated", "attempt", "started_at", "finished_at", "output", "interruptions")


def final_facts(run: dict) -> dict:
    return {name: run[name] for name in FINAL_FACTS}


@dataclasses.dataclass
class Follower:
    """A run's event stream as one client put it together, over as many connections as it took."""

    stdout: str = ""
    stderr: str = ""
    connections: int = 0
    resets: int = 0
    end_status: str = ""  # empty until the stream has told the end


@dataclasses.dataclass
class Submission:
    serial: int
    submitter: str  # the address that it came from
    kind: str
    marker: str
    seed: int
    output_bytes: int  # this limit is different for each submission, so that its run is found in a list although its answer was lost
    sent: float = 0
    answered: float | None = None
    status: int | None = None  # of the answer; None if there was none
    fault: str = ""  # what came instead of an answer
    run_id: str | None = None  # of an accepted run
    cancels: list[tuple[float, int | None]] = dataclasses.field(default_factory=list)  # when it was asked for, and the answer's status
    first_end: dict | None = None  # final facts as they were first seen
    changes: list[dict] = dataclasses.field(default_factory=list)  # final facts that were seen later and differ
    follower: Follower | None = None

    @property
    def is_accepted(self) -> bool:
        return self.run_id is not None

    def see(self, run: dict) -> bool:
        """Takes a look at the run into account; whether it has ended."""
        if run["status"] in ENDED and self.first_end is None:
            self.first_end = final_facts(run)
        elif self.first_end is not None and (run["status"] not in ENDED or final_facts(run) != self.first_end):
            self.changes.append(final_facts(run))
        return self.first_end is not None


@dataclasses.dataclass
class Ending:
    """A run as the API told it in the calm, with all its output."""

    run: dict
    stdout: bytes = b""
    stderr: bytes = b""


@dataclasses.dataclass(frozen=True)
class Start:
    """A program that said in a pod's log that it began."""

    marker: str
    nonce: str
    pod: str
    seen: float


@dataclasses.dataclass
class Wait:
    """A request that was to wait for a run's end, or for a stream's."""

    what: str
    asked: float
    seconds: float  # how long it may wait
    ended: float | None = None  # None: the client gave up
    how: str = ""


@dataclasses.dataclass
class Blow:
    """A fault of the schedule as it was really dealt."""

    number: int
    kind: str
    target: str
    begun: float
    ended: float | None = None  # when it was over; kills are over when they are dealt
    evidence: dict = dataclasses.field(default_factory=dict)  # pids, pods, run ids …
    fault: str = ""  # why it could not be dealt or undone
    recovered: float | None = None  # a run that was submitted after the end had succeeded

    def __str__(self) -> str:
        return f"{self.number} ({self.kind} {self.target})"


@dataclasses.dataclass
class Record:
    seed: int
    minutes: float
    began: float = 0  # as the time of day, in seconds since 1970
    max_attempts: int = 3  # controller.max_attempts
    wait_grace: float = 90  # a wait may be longer than asked for by the longest pause of what answers it, and some
    submissions: list[Submission] = dataclasses.field(default_factory=list)
    found: dict[int, list[str]] = dataclasses.field(default_factory=dict)  # limits.output_bytes → ids of the runs in the list
    endings: dict[str, Ending] = dataclasses.field(default_factory=dict)  # by run id
    starts: list[Start] = dataclasses.field(default_factory=list)
    waits: list[Wait] = dataclasses.field(default_factory=list)
    left_behind: list[str] = dataclasses.field(default_factory=list)  # what still works although its run has ended
    blows: list[Blow] = dataclasses.field(default_factory=list)
