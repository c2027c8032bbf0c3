"""What a program shows comes out as it was drawn, in its place, warm and cold; and without being asked for, nothing changes."""

import json
import struct

import pytest

from pool import LARGE, Pool, is_warm

pytestmark = pytest.mark.usefixtures("still_works")

FIGURES = """
import matplotlib.pyplot as plt
print("before")
plt.plot([1, 3, 2])
plt.title("Three numbers"); plt.xlabel("time"); plt.ylabel("height")
plt.show()
print("between")
figure, axes = plt.subplots()
axes.set_title("still open")
print("after")
"""
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def shown(api, display: dict) -> bytes:
    answer = api.request("GET", display["url"])
    assert answer.status == 200, answer
    assert answer.headers["content-type"] == display["mime"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    assert len(answer.body) == display["bytes"]
    again = api.request("GET", display["url"], headers={"if-none-match": answer.headers["etag"]})
    assert (again.status, again.body) == (304, b"")
    return answer.body


def pixels(png: bytes) -> tuple[int, int]:
    assert png.startswith(PNG_SIGNATURE)
    return struct.unpack(">II", png[16:24])


@pytest.mark.parametrize("way", ["warm", "cold"])
def test_figures_are_shown_in_their_place(api, way):
    if way == "warm":
        run = Pool().run(lambda: api.run(FIGURES, display=2))
    else:
        run = api.run(FIGURES, display=2, limits=LARGE)
        assert not is_warm(run)
    assert run["status"] == "succeeded", run
    assert run["stderr"] == ""
    order = [
        data["number"] if event == "display" else data["text"] for event, _, data in api.events(run["id"]) if event in ("display", "stdout")
    ]
    assert "".join(each if isinstance(each, str) else f"[{each}]" for each in order) == "before\n[0]between\nafter\n[1]"
    first, last = run["displays"]
    assert first["alt"] == "Three numbers. time and height"
    assert (first["mime"], first["width"], first["height"]) == ("image/png", 640, 480)
    assert last["alt"] == "still open"
    assert pixels(shown(api, first)) == (1280, 960)
    assert pixels(shown(api, last)) == (1280, 960)


def test_tables_are_shown_as_they_are(api):
    run = api.run(
        """
import pandas as pd
frame = pd.DataFrame({"name": ["<b>", None], "value": [1.5, float("nan")], "count": [1, 2**60]}, index=["x", "y"])
display(frame, frame["value"], frame.index)
display(pd.DataFrame({f"c{i}": range(1000) for i in range(40)}))
""",
        display=True,
    )
    assert run["status"] == "succeeded", run["stderr"]
    frame, series, index, large = (json.loads(shown(api, display)) for display in run["displays"])
    assert frame == {
        "rows": 2,
        "columns": 3,
        "index_columns": 1,
        "head": [
            {"name": "", "dtype": "object"},
            {"name": "name", "dtype": "object"},
            {"name": "value", "dtype": "float64"},
            {"name": "count", "dtype": "int64"},
        ],
        "cells": [["x", "<b>", 1.5, 1], ["y", None, None, str(2**60)]],
    }
    assert series["cells"] == [["x", 1.5], ["y", None]]
    assert index["cells"] == [["x"], ["y"]]
    assert (large["rows"], large["columns"]) == (1000, 40)
    assert (len(large["cells"]), len(large["head"])) == (100, 31)
    assert run["displays"][3]["alt"] == "DataFrame, 1000 rows and 40 columns"


def test_what_is_too_much_is_told(api):
    run = api.run("import matplotlib.pyplot as plt\nfor i in range(22):\n    plt.figure(figsize=(1, 1))\n    plt.show()", display=True)
    assert run["status"] == "succeeded", run
    assert len(run["displays"]) == 20
    assert run["dropped_displays"] == 2
    assert "a run can show at most 20 figures and tables" in run["stderr"]


def test_svg_is_drawn_on_request(api):
    run = api.run("import matplotlib.pyplot as plt\nplt.rcParams['savefig.format'] = 'svg'\nplt.plot([1, 2])\nplt.show()", display=True)
    (display,) = run["displays"]
    assert display["mime"] == "image/svg+xml"
    assert b"<svg" in shown(api, display)


def test_without_being_asked_for_a_program_runs_as_anywhere(api):
    run = api.run("import matplotlib.pyplot as plt\nplt.plot([1])\nplt.show()\nprint('display' in dir(__builtins__))")
    assert run["status"] == "succeeded", run
    assert run["stdout"] == "False\n"
    assert run["stderr"] == ""
    assert run["displays"] == []


def test_a_program_cannot_show_what_is_no_image(api):
    run = api.run(
        """
import os, socket
raw = socket.socket(fileno=1023)
for description, content in (
    (b'{"mime": "text/html"}', b"<script>alert(1)</script>"),
    (b'{"mime": "image/png"}', b"<script>alert(1)</script>"),
    (b'{"mime": "application/vnd.oneshot.table+json"}', b'{"html": "<b>"}'),
):
    file = os.memfd_create("x")
    os.write(file, content)
    socket.send_fds(raw, [description], [file])
    print(raw.recv(4096).decode())
""",
        display=True,
    )
    assert run["stdout"].splitlines()[:2] == ["its type is not one that can be shown", "it is no PNG image"], run
    assert run["stdout"].splitlines()[2].startswith("it is no table")
    assert run["displays"] == []
    assert run["dropped_displays"] == 3
