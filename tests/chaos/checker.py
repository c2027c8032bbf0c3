"""Judges a record: what was promised, and where it was not kept. Knows nothing of the product but its API, and asks nothing itself."""

import collections
import dataclasses
import datetime

from output_check import difference, nonce_of
from programs import KINDS, Program
from record import ENDED, Blow, Ending, Record, Submission

# A submission that is answered so may be sent again; every other refusal of a valid program is a fault.
MAY_REFUSE = frozenset({429, 502, 503, 504})

# What takes a node's pods with it if it lasts: Kubernetes gives a silent node up after 40 s (its grace period), and the Job template's
# tolerations end 15 s later; a few seconds of both may have passed before.
SILENCES_NODE = frozenset({"kubelet", "containerd", "kube-apiserver", "etcd", "kube-apiserver|etcd", "kubelet|kube-apiserver"})
SILENT_SECONDS = 30
AFTERMATH_SECONDS = 150

# The counter of each invariant. What is 0 in all of them is a promise kept.
COUNTERS = {
    "run-lost": "lost",
    "executed-unknown": "lost",
    "not-ended": "not_ended",
    "wrong-end": "wrong_end",
    "output-wrong": "corrupted",
    "stream-wrong": "corrupted",
    "end-changed": "ended_twice",
    "accepted-twice": "accepted_twice",
    "starts-unexplained": "starts_unexplained",
    "interrupted-without-cause": "interrupted_without_cause",
    "left-behind": "left_behind",
    "wait-not-ended": "waits_not_ended",
    "refused-wrongly": "refused_wrongly",
    "fault-not-dealt": "faults_not_dealt",
}


@dataclasses.dataclass
class Violation:
    invariant: str
    what: str
    evidence: dict

    def __str__(self) -> str:
        return f"{self.invariant}: {self.what}"


def check(record: Record) -> list[Violation]:
    """Every promise that was not kept, with all that is known of it."""
    starts = collections.defaultdict(set)
    for start in record.starts:
        starts[start.marker].add(start.nonce)
    faults = []
    for submission in record.submissions:
        faults += check_submission(record, submission, starts[submission.marker])
    for wait in record.waits:
        if wait.ended is None or wait.ended - wait.asked > wait.seconds + record.wait_grace:
            faults.append(Violation("wait-not-ended", f"{wait.what} may wait {wait.seconds:.0f} s: {wait.how}", dataclasses.asdict(wait)))
    faults += [Violation("left-behind", what, {}) for what in record.left_behind]
    for blow in record.blows:
        if blow.fault:
            faults.append(Violation("fault-not-dealt", f"{blow.kind} {blow.target}: {blow.fault}", dataclasses.asdict(blow)))
    return faults


def check_submission(record: Record, submission: Submission, starts: set[str]) -> list[Violation]:
    faults = []

    def violated(invariant: str, what: str, **more) -> None:
        evidence = {"submission": dataclasses.asdict(submission), "starts": sorted(starts), **more}
        faults.append(Violation(invariant, f"{submission.kind} {submission.run_id or submission.marker}: {what}", evidence))

    ids = list(dict.fromkeys(record.found.get(submission.output_bytes, [])))
    if submission.status is not None and not submission.is_accepted and submission.status not in MAY_REFUSE:
        violated("refused-wrongly", f"answered with {submission.status} {submission.fault}")
    if submission.is_accepted and submission.run_id not in ids:
        violated("run-lost", "was accepted, and the list does not have it", found=ids)
    if len(ids) > 1:
        violated("accepted-twice", f"one submission, {len(ids)} runs", found=ids)
    if starts and not ids:
        violated("executed-unknown", "a program ran that no run tells of")
    for run_id in ids:
        ending = record.endings.get(run_id)
        if ending is None:
            violated("run-lost", f"the list has {run_id}, and it cannot be read")
        elif ending.run["status"] not in ENDED:
            violated("not-ended", f"{run_id} is still {ending.run['status']} ({ending.run['message']})", run=ending.run)
        else:
            for invariant, what in check_ended(record, submission, ending, starts):
                violated(invariant, what, run=ending.run)
    return faults


def check_ended(record: Record, submission: Submission, ending: Ending, starts: set[str]):
    """Yields what is wrong with a run that has ended, as invariant and text."""
    run = ending.run
    if submission.changes:
        yield "end-changed", f"first {submission.first_end}, then {submission.changes}"
    if what := wrong_end(record, submission, run):
        yield "wrong-end", what
    yield from (("output-wrong", what) for what in wrong_output(submission, ending, starts))
    yield from (("stream-wrong", what) for what in wrong_stream(submission, ending))
    begun = starts | ({nonce} if (nonce := nonce_of(ending.stdout, submission.marker)) else set())
    told = 1 + len(run["interruptions"])
    if len(begun) > told:
        yield "starts-unexplained", f"began {len(begun)} times, and tells of {told - 1} interruptions"
    for interruption in run["interruptions"]:
        if not any(explains(blow, submission.marker, seconds_of(interruption["at"], record)) for blow in record.blows):
            yield "interrupted-without-cause", f"{interruption}"


def wrong_end(record: Record, submission: Submission, run: dict) -> str:
    """Why the run should not have ended so; empty if it may."""
    kind = KINDS[submission.kind]
    told = (run["status"], run["reason"], run["exit_code"])
    if told == (kind.status, kind.reason, kind.exit_code):
        return ""
    if run["status"] == "cancelled":
        return "" if submission.cancels else "cancelled, and nobody had asked for it"
    # The last attempt ends the run and is no interruption.
    if run["status"] == "error" and len(run["interruptions"]) >= record.max_attempts - 1:
        return ""
    return f"ended as {told} ({run['message']}) instead of {(kind.status, kind.reason, kind.exit_code)}"


def wrong_output(submission: Submission, ending: Ending, starts: set[str]):
    """Yields how the stored output differs from what one execution of the program writes."""
    run = ending.run
    program = Program(KINDS[submission.kind], submission.marker, submission.seed)
    # Only a program that came to its own end has written everything.
    whole = run["status"] in ("succeeded", "failed")
    nonce = nonce_of(ending.stdout, submission.marker)
    if nonce is None:
        if whole or ending.stdout:
            yield f"stdout does not begin with the program's first line: {ending.stdout[:200]!r}"
        elif ending.stderr and not any(program.output(each)[1].startswith(ending.stderr) for each in starts):
            yield f"stderr is no execution's: {ending.stderr[:200]!r}"
        return
    if whole and run["truncated"]:
        yield "truncated, although nothing exceeded its limit"
    for name, expected, stored in zip(("stdout", "stderr"), program.output(nonce), (ending.stdout, ending.stderr), strict=True):
        if stored != expected and (whole or not expected.startswith(stored)):
            yield f"{name}: {difference(expected, stored)}"


def wrong_stream(submission: Submission, ending: Ending):
    follower = submission.follower
    if follower is None or not follower.end_status:
        return  # a stream that told no end is a wait that did not end
    if follower.end_status != ending.run["status"]:
        yield f"the stream ended with {follower.end_status}, the run is {ending.run['status']}"
    for name, streamed, stored in (("stdout", follower.stdout, ending.stdout), ("stderr", follower.stderr, ending.stderr)):
        if streamed.encode() != stored:
            yield f"{name} as streamed over {follower.connections} connections: {difference(stored, streamed.encode())}"


def seconds_of(at: str, record: Record) -> float:
    return datetime.datetime.fromisoformat(at).timestamp() - record.began


def explains(blow: Blow, marker: str, at: float) -> bool:
    """Whether this fault may have ended an attempt of the run at this time."""
    ended = blow.begun if blow.ended is None else blow.ended
    if not blow.begun - 1 <= at <= ended + AFTERMATH_SECONDS:
        return False
    if marker in blow.evidence.get("markers", ()):
        return True
    if blow.kind == "node":
        return True
    return blow.target in SILENCES_NODE and ended - blow.begun >= SILENT_SECONDS


def count(record: Record, violations: list[Violation]) -> dict[str, int]:
    sent = record.submissions
    counts = {
        "submitted": len(sent),
        "accepted": sum(each.is_accepted for each in sent),
        "refused": sum(each.status in MAY_REFUSE for each in sent),
        "unanswered": sum(each.status is None for each in sent),
        "unanswered_but_accepted": sum(not each.is_accepted and bool(record.found.get(each.output_bytes)) for each in sent),
        "interrupted": sum(len(ending.run["interruptions"]) for ending in record.endings.values()),
    }
    counts |= dict.fromkeys(COUNTERS.values(), 0)
    for violation in violations:
        counts[COUNTERS[violation.invariant]] += 1
    return counts
