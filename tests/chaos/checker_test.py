"""A checker that cannot fail is a defect: every promise is broken here on purpose, and each breach is found, named and alone."""

import copy
import datetime

import pytest

from checker import COUNTERS, check, count
from programs import KINDS, Program
from record import Blow, Ending, Follower, Record, Start, Submission, Wait

BEGAN = 1_700_000_000.0
NONCE, ANOTHER = "0123456789abcdef", "fedcba9876543210"


def time_at(seconds: float) -> str:
    return datetime.datetime.fromtimestamp(BEGAN + seconds, datetime.timezone.utc).isoformat().replace("+00:00", "Z")


def add(record: Record, kind: str = "short", **run) -> Submission:
    """A run of this kind that was accepted and ended as it should."""
    serial = len(record.submissions)
    name = KINDS[kind]
    submission = Submission(serial, "127.0.0.1", kind, f"m{serial}", serial, 1_000_000 + serial, 1.0, 1.1, 201, run_id=f"run{serial}")
    facts = {
        "id": submission.run_id, "status": name.status, "exit_code": name.exit_code, "signal": None, "reason": name.reason, "message": None,
        "truncated": False, "attempt": 1, "interruptions": [], "started_at": time_at(2), "finished_at": time_at(3), "output": {},
    }  # fmt: skip
    stdout, stderr = Program(name, submission.marker, serial).output(NONCE)
    record.submissions.append(submission)
    record.found[submission.output_bytes] = [submission.run_id]
    record.endings[submission.run_id] = Ending(facts | run, stdout, stderr)
    record.starts.append(Start(submission.marker, NONCE, "pod", 2))
    submission.see(facts | run)
    return submission


@pytest.fixture
def record() -> Record:
    made = Record(seed=1, minutes=1, began=BEGAN)
    for kind in KINDS:
        add(made, kind)
    return made


@pytest.fixture
def ending(record) -> Ending:
    """That of a program with some lines on both streams."""
    return record.endings[next(each.run_id for each in record.submissions if each.kind == "both")]


def found(record: Record) -> list[str]:
    return [violation.invariant for violation in check(record)]


def of_kind(record: Record, kind: str) -> Submission:
    return next(each for each in record.submissions if each.kind == kind)


def test_a_record_without_a_fault_has_none(record):
    assert check(record) == []
    counts = count(record, [])
    assert (counts["submitted"], counts["accepted"], counts["refused"]) == (len(KINDS), len(KINDS), 0)
    assert all(counts[name] == 0 for name in COUNTERS.values())


def test_each_violation_is_counted_once_and_carries_its_evidence(record):
    del record.found[record.submissions[0].output_bytes]
    record.left_behind.append("Job x works")
    violations = check(record)
    counts = count(record, violations)
    assert (counts["lost"], counts["left_behind"]) == (2, 1)
    assert violations[0].evidence["submission"]["marker"] == "m0"


def test_an_accepted_run_that_the_list_lacks(record):
    record.found[record.submissions[0].output_bytes] = []
    record.starts.clear()
    assert found(record) == ["run-lost"]


def test_an_accepted_run_under_another_id(record):
    record.submissions[0].run_id = "another"
    assert found(record) == ["run-lost"]


def test_a_run_that_cannot_be_read(record):
    del record.endings["run0"]
    assert found(record) == ["run-lost"]


def test_a_program_that_ran_for_nobody(record):
    lost = add(record)
    lost.run_id = lost.status = None
    del record.found[lost.output_bytes]
    assert found(record) == ["executed-unknown"]


def test_an_unanswered_submission_may_exist_or_not(record):
    unanswered, unknown = add(record), add(record)
    unanswered.run_id = unanswered.status = unknown.run_id = unknown.status = None
    del record.found[unknown.output_bytes]
    record.starts.pop()
    assert found(record) == []
    assert count(record, [])["unanswered_but_accepted"] == 1


def test_an_unanswered_submission_that_exists_obeys_too(record):
    unanswered = add(record)
    ending = record.endings[unanswered.run_id]
    unanswered.run_id = unanswered.status = None
    ending.stdout = ending.stdout[:-1]
    assert found(record) == ["output-wrong"]


def test_one_submission_that_became_two_runs(record):
    record.found[record.submissions[0].output_bytes].append("run1")
    record.endings["run1"] = record.endings["run0"]
    assert "accepted-twice" in found(record)


@pytest.mark.parametrize("status", ["queued", "starting", "running"])
def test_a_run_that_does_not_end(record, status):
    record.endings["run0"].run["status"] = status
    assert found(record) == ["not-ended"]


@pytest.mark.parametrize(
    "kind,wrong",
    [
        ("short", {"status": "failed", "exit_code": 1}),
        ("exit", {"status": "succeeded", "exit_code": 0}),
        ("exit", {"exit_code": 4}),
        ("exception", {"reason": "signaled", "exit_code": None, "signal": 9}),
        ("timeout", {"status": "failed"}),
        ("long", {"status": "timed_out", "reason": "wall_time_exceeded", "exit_code": None}),
        ("short", {"status": "error", "reason": "pod_lost", "exit_code": None}),
        ("short", {"status": "cancelled", "reason": "cancelled", "exit_code": None}),
    ],
)
def test_a_wrong_end(record, kind, wrong):
    record.endings[of_kind(record, kind).run_id].run.update(wrong)
    assert found(record) == ["wrong-end"]


def test_a_wish_to_cancel_may_come_true_or_too_late(record):
    submission = of_kind(record, "cancelled")
    submission.cancels.append((2.5, 202))
    assert found(record) == []
    ending = record.endings[submission.run_id]
    ending.run.update(status="cancelled", reason="cancelled", exit_code=None)
    ending.stdout = ending.stdout[:1000]
    assert found(record) == []
    ending.stdout = ending.stdout[:900] + b"?"
    assert found(record) == ["output-wrong"]


def test_an_error_after_all_attempts_were_taken_is_an_end(record):
    run = record.endings["run0"].run
    run.update(status="error", reason="killed", exit_code=None, attempt=3)
    run["interruptions"] = [{"attempt": n, "reason": "killed", "at": time_at(4)} for n in (1, 2)]
    record.blows.append(Blow(1, "kill", "runner", 4, 4, {"markers": ["m0"]}))
    assert found(record) == []


def test_an_end_that_changed(record):
    submission = record.submissions[0]
    later = copy.deepcopy(record.endings["run0"].run)
    assert submission.see(later)
    assert found(record) == []
    submission.see(later | {"finished_at": time_at(9)})
    assert found(record) == ["end-changed"]


def test_an_end_that_was_taken_back(record):
    submission = record.submissions[0]
    submission.see(record.endings["run0"].run | {"status": "running"})
    assert found(record) == ["end-changed"]


def damage(lines: list[bytes], how: str) -> list[bytes]:
    if how == "lost":
        return lines[:3] + lines[4:]
    if how == "repeated":
        return lines[:3] + lines[2:]
    if how == "moved":
        return lines[:2] + [lines[3], lines[2]] + lines[4:]
    if how == "damaged":
        return lines[:3] + [lines[3].replace(b"x", b"y", 1)] + lines[4:]
    return lines[:-1]  # the end is lost


@pytest.mark.parametrize("how", ["lost", "repeated", "moved", "damaged", "lost end"])
@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_wrong_output(record, ending, stream, how):
    setattr(ending, stream, b"".join(damage(getattr(ending, stream).splitlines(keepends=True), how)))
    (violation,) = check(record)
    assert violation.invariant == "output-wrong" and stream in violation.what and how.split()[0] in violation.what, violation


def test_lines_of_another_execution(record, ending):
    submission = of_kind(record, "both")
    mixed = ending.stdout.splitlines(keepends=True)
    mixed[4] = Program(KINDS["both"], submission.marker, submission.seed).output(ANOTHER)[0].splitlines(keepends=True)[4]
    ending.stdout = b"".join(mixed)
    (violation,) = check(record)
    assert violation.invariant == "output-wrong" and "1 foreign" in violation.what


def test_both_streams_from_different_executions(record, ending):
    submission = of_kind(record, "both")
    ending.stderr = Program(KINDS["both"], submission.marker, submission.seed).output(ANOTHER)[1]
    assert found(record) == ["output-wrong"]


def test_output_of_another_run(record):
    record.endings["run0"].stdout = record.endings["run1"].stdout
    assert found(record) == ["output-wrong"]


def test_no_output_at_all(record):
    record.endings["run0"].stdout = b""
    assert found(record) == ["output-wrong"]


def test_output_that_is_marked_truncated(record):
    record.endings["run0"].run["truncated"] = True
    assert found(record) == ["output-wrong"]


def test_a_stream_that_told_something_else(record, ending):
    submission = of_kind(record, "both")
    submission.follower = Follower(ending.stdout.decode(), ending.stderr.decode(), 2, 0, "succeeded")
    assert found(record) == []
    submission.follower.stdout += "x"
    assert found(record) == ["stream-wrong"]
    submission.follower.stdout, submission.follower.end_status = ending.stdout.decode(), "failed"
    assert found(record) == ["stream-wrong"]


def test_a_start_too_many(record):
    record.starts.append(Start("m0", ANOTHER, "pod2", 5))
    assert found(record) == ["starts-unexplained"]


def test_the_same_start_in_two_looks_at_a_log_is_one(record):
    record.starts.append(Start("m0", NONCE, "pod", 6))
    assert found(record) == []


def test_a_start_that_only_the_output_shows_counts(record):
    record.starts = [Start("m0", ANOTHER, "pod", 2)] + [each for each in record.starts if each.marker != "m0"]
    assert found(record) == ["starts-unexplained"]


def interrupt(record: Record, at: float) -> None:
    record.endings["run0"].run["interruptions"] = [{"attempt": 1, "reason": "killed", "at": time_at(at)}]
    record.starts.append(Start("m0", ANOTHER, "pod2", at))


def test_a_start_that_an_interruption_tells_of(record):
    interrupt(record, at=20)
    record.blows.append(Blow(1, "kill", "runner", 19, 19, {"markers": ["m0"]}))
    assert found(record) == []


@pytest.mark.parametrize(
    "blow,is_cause",
    [
        (Blow(1, "kill", "runner", 19, 19, {"markers": ["m1"]}), False),
        (Blow(1, "kill", "controller-leader", 19, 19), False),
        (Blow(1, "kill", "containerd", 19, 19), False),
        (Blow(1, "pause", "kubelet", 10, 19), False),
        (Blow(1, "pause", "kubelet", 10, 60), True),
        (Blow(1, "node", "second", 10, 15), True),
        (Blow(1, "kill", "runner", 30, 30, {"markers": ["m0"]}), False),
    ],
)
def test_an_interruption_needs_a_cause(record, blow, is_cause):
    interrupt(record, at=20)
    record.blows.append(blow)
    assert found(record) == ([] if is_cause else ["interrupted-without-cause"])


def test_what_is_left_behind(record):
    record.left_behind.append("Job warm-x works for run0, which has ended")
    assert found(record) == ["left-behind"]


def test_a_wait_that_does_not_end(record):
    record.waits += [Wait("POST ?wait=10", 5, 10, 14, "200"), Wait("POST ?wait=10", 5, 10, 15 + record.wait_grace - 1, "502")]
    assert found(record) == []
    record.waits += [Wait("POST ?wait=10", 5, 10, None, "timed out"), Wait("events", 5, 10, 16 + record.wait_grace, "end")]
    assert found(record) == ["wait-not-ended"] * 2


@pytest.mark.parametrize("status,is_fault", [(503, False), (502, False), (504, False), (429, False), (500, True), (422, True), (404, True)])
def test_a_refusal(record, status, is_fault):
    refused = add(record)
    refused.status, refused.run_id = status, None
    del record.found[refused.output_bytes]
    record.starts.pop()
    assert found(record) == (["refused-wrongly"] if is_fault else [])
    assert count(record, [])["refused"] == (0 if is_fault else 1)


def test_a_fault_that_could_not_be_dealt_is_told(record):
    record.blows.append(Blow(1, "pause", "etcd", 4, fault="no such process"))
    assert found(record) == ["fault-not-dealt"]
