"""What the table says of recoveries."""

import json

from record import Blow, Record, Submission
from report import recoveries, results, write


def blow(number: int, begun: float, ended: float, recovered: float | None, target: str = "etcd", **evidence) -> Blow:
    return Blow(number, "pause", target, begun, ended, evidence, recovered=recovered)


def test_a_recovery_counts_from_the_end_of_its_fault():
    facts = recoveries([blow(1, 10, 20, 23), blow(2, 30, 40, 41)])
    assert facts["pause"] == facts["pause etcd"]
    assert (facts["pause"]["strikes"], facts["pause"]["longest_seconds"], facts["pause"]["median_seconds"]) == (2, 3, 2)


def test_a_fault_beside_another_is_not_alone():
    facts = recoveries([blow(1, 10, 20, 23), blow(2, 22, 40, 50, "kubelet"), blow(3, 60, 61, 65)])
    assert facts["pause"]["longest_seconds"] == 10
    assert facts["pause"]["longest_alone_seconds"] == 4
    assert facts["pause kubelet"]["longest_alone_seconds"] is None


def test_no_recovery_is_told_and_is_no_figure():
    facts = recoveries([blow(1, 10, 20, None), blow(2, 300, 310, 311)])
    assert (facts["pause"]["not_recovered"], facts["pause"]["longest_seconds"]) == (1, 1)


def test_what_found_nothing_is_no_strike():
    facts = recoveries([blow(1, 10, 10, None, nothing="no program works")])
    assert (facts["pause"]["strikes"], facts["pause"]["found_nothing"], facts["pause"]["not_recovered"]) == (0, 1, 0)


def test_the_file_is_json_with_all_counts(tmp_path):
    record = Record(seed=3, minutes=2, submissions=[Submission(0, "127.0.0.1", "short", "m", 1, 2)])
    write(tmp_path / "chaos.json", results(record, [], {"skew": "why"}, 120.0))
    found = json.loads((tmp_path / "chaos.json").read_text())
    wanted = {"seed", "minutes", "submitted", "accepted", "lost", "corrupted", "ended_twice", "starts_unexplained", "left_behind", "refused"}
    assert wanted <= found.keys()
    assert (found["seed"], found["submitted"], found["unanswered"], found["lost"], found["left_out"]) == (3, 1, 1, 0, {"skew": "why"})
