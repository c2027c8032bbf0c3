"""Live output: events come while the program runs, and a reader who was cut off resumes where it stood."""

import json

import pytest

PROGRAM = """
import sys, time
for number in range(4):
    print("line", number, flush=True)
    if number == 0:
        time.sleep(3)
    print("trouble", number, file=sys.stderr, flush=True)
"""


def text(events, kind: str) -> str:
    return "".join(data["text"] for event, _, data in events if event == kind)


def test_output_comes_while_the_program_runs(api):
    run_id = api.submit(PROGRAM)["id"]
    events, status_at_first_output = [], None
    for event in api.events(run_id):
        events.append(event)
        if event[0] == "stdout" and status_at_first_output is None:
            status_at_first_output = api.get(run_id)["status"]
        if event[0] == "end":
            break
    assert status_at_first_output == "running"
    assert text(events, "stdout") == "line 0\nline 1\nline 2\nline 3\n"
    assert text(events, "stderr") == "trouble 0\ntrouble 1\ntrouble 2\ntrouble 3\n"
    name, _, end = events[-1]
    assert name == "end" and end["id"] == run_id and end["status"] == "succeeded"
    assert "stdout" not in end and "stderr" not in end
    statuses = [data["status"] for event, _, data in events if event == "status"]
    assert statuses == sorted(set(statuses), key=["queued", "starting", "running", "succeeded"].index)


@pytest.mark.parametrize("position", [0, 1, -1])
def test_resume_repeats_nothing_and_leaves_nothing_out(api, position):
    run = api.run(PROGRAM)
    whole = [event for event in api.events(run["id"]) if event[0] in ("stdout", "stderr")]
    ids = [event_id for _, event_id, _ in whole]
    # A record of several pieces is several events, of which the last one brings the id.
    ends = [index for index, event_id in enumerate(ids) if event_id and event_id not in ids[:index]]
    assert len(ends) >= 2 and all(ids[index].startswith("1-") for index in ends)
    position = ends[position]
    rest = [event for event in api.events(run["id"], last_event_id=ids[position]) if event[0] in ("stdout", "stderr")]
    assert [(name, data) for name, _, data in rest] == [(name, data) for name, _, data in whole[position + 1 :]]


def test_a_reader_who_comes_late_gets_everything_and_the_end(api):
    run = api.run("print('é' * 5000)")
    events = list(api.events(run["id"]))
    assert text(events, "stdout") == "é" * 5000 + "\n"
    assert events[-1][0] == "end"


def test_characters_split_between_writes_arrive_whole(api):
    source = "import os, time\nfor byte in '→ü😀'.encode():\n    os.write(1, bytes([byte]))\n    time.sleep(0.02)"
    run = api.run(source)
    events = [event for event in api.events(run["id"]) if event[0] == "stdout"]
    assert text(events, "stdout") == "→ü😀"
    assert "\N{REPLACEMENT CHARACTER}" not in json.dumps(events, ensure_ascii=False)
