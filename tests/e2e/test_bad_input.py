"""Bad input gets an answer that names the field and the limit, and nothing else changes."""

import contextlib
import json
import pathlib
import time

import pytest

from memory import KIB, MIB, forget_peak, memory_bytes


def problem(answer, status: int) -> dict:
    assert answer.status == status, answer
    assert answer.headers["content-type"].startswith("application/problem+json"), answer
    body = answer.json()
    assert body["status"] == status
    assert body["title"] and body["detail"] and body["code"] and body["request_id"]
    return body


def pointers(body: dict) -> set[str]:
    assert all(error["detail"] and error["code"] for error in body["errors"])
    return {error["pointer"] for error in body["errors"]}


@pytest.fixture(scope="module", autouse=True)
def the_next_submission_runs(api):
    yield
    assert api.run("print(1)")["stdout"] == "1\n"


@pytest.mark.parametrize(
    ("submission", "pointer"),
    [
        ({}, "/source"),
        ({"source": 1}, "/source"),
        ({"source": None}, "/source"),
        ({"source": "a\0b"}, "/source"),
        ({"source": "1", "sorce": "2"}, "/sorce"),
        ({"source": "1", "stdin": 5}, "/stdin"),
        ({"source": "1", "args": "a"}, "/args"),
        ({"source": "1", "args": ["a", 2]}, "/args/1"),
        ({"source": "1", "args": ["a\0"]}, "/args/0"),
        ({"source": "1", "limits": []}, "/limits"),
        ({"source": "1", "limits": {"wall": 1}}, "/limits/wall"),
        ({"source": "1", "limits": {"wall_seconds": 0}}, "/limits/wall_seconds"),
        ({"source": "1", "limits": {"wall_seconds": 61}}, "/limits/wall_seconds"),
        ({"source": "1", "limits": {"wall_seconds": "1"}}, "/limits/wall_seconds"),
        ({"source": "1", "limits": {"cpu_seconds": -1}}, "/limits/cpu_seconds"),
        ({"source": "1", "limits": {"memory_mib": 1}}, "/limits/memory_mib"),
        ({"source": "1", "limits": {"memory_mib": 1025}}, "/limits/memory_mib"),
        ({"source": "1", "limits": {"memory_mib": 1e30}}, "/limits/memory_mib"),
        ({"source": "1", "limits": {"output_bytes": -1}}, "/limits/output_bytes"),
        ({"source": "1", "limits": {"scratch_mib": -1}}, "/limits/scratch_mib"),
        ({"source": "1", "scratch_mib": 1}, "/scratch_mib"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_a_faulty_field_is_named(api, submission, pointer):
    assert pointer in pointers(problem(api.post(submission), 422))


def test_every_fault_is_listed(api):
    body = problem(api.post({"source": 1, "stdin": 2, "limits": {"wall_seconds": 0, "what": 1}}), 422)
    assert {"/source", "/stdin", "/limits/wall_seconds", "/limits/what"} <= pointers(body)


def test_scratch_space_in_its_former_place_is_told_the_new_one(api):
    [error] = problem(api.post({"source": "1", "scratch_mib": 8}), 422)["errors"]
    assert "/limits/scratch_mib" in error["detail"]


@pytest.mark.parametrize("body", [b"", b"{", b"[1,]", b"nonsense", b'{"source":"1"} x', b'{"source":"1"}\0', b"[" * 100_000])
def test_a_body_that_is_no_json(api, body):
    problem(api.post(body), 400)


@pytest.mark.parametrize("body", [b"[]", b'"source"', b"1", b"null"])
def test_a_body_that_is_no_object(api, body):
    assert api.post(body).status in (400, 422)


@pytest.mark.parametrize("source", [b'"\xff"', b'"\xc3\x28"', b'"\xed\xa0\x80"', rb'"\ud800"'])
def test_bad_utf_8(api, source):
    assert api.post(b'{"source":' + source + b"}").status in (400, 422)


@pytest.mark.parametrize("field", ["source", "stdin"])
def test_a_field_too_large_is_413_and_the_limit_itself_is_not(api, field):
    submission = {"source": "import sys\nprint(len(sys.stdin.read()))\n"}
    full = 256 * KIB
    text = "#" * (full - len(submission["source"])) if field == "source" else "y" * full
    exact = {**submission, field: submission.get(field, "") + text}
    run = api.run(**exact)
    assert run["stdout"] == ("0\n" if field == "source" else f"{full}\n")
    body = problem(api.post({**exact, field: exact[field] + "z"}), 413)
    assert f"/{field}" in pointers(body)


def test_a_body_too_large_for_the_site(api):
    problem(api.post(json.dumps({"source": "#" * 5_000_000}).encode()), 413)


def test_another_content_type(api):
    problem(api.request("POST", "/api/v1/runs", b'{"source":"1"}', {"content-type": "text/plain"}), 415)


@pytest.mark.parametrize("query", ["wait=x", "wait=-1", "wait=61", "wait=1e9", "wait="])
def test_a_bad_wait(api, query):
    answer = api.request("POST", f"/api/v1/runs?{query}", b'{"source":"1"}', {"content-type": "application/json"})
    assert answer.status in (400, 422), answer


def test_an_empty_cursor_is_the_first_page(api):
    api.run("print(1)")
    first = api.request("GET", "/api/v1/runs?limit=1").json()
    assert api.request("GET", "/api/v1/runs?limit=1&cursor=").json()["runs"][0]["id"] == first["runs"][0]["id"]


@pytest.mark.parametrize("query", ["limit=0", "limit=100000", "limit=x", "cursor=nonsense", "status=happy"])
def test_a_bad_list_query(api, query):
    assert api.request("GET", f"/api/v1/runs?{query}").status in (400, 422)


@pytest.mark.parametrize("run_id", ["01jdxxxxxxxxxxxxxxxxxxxxxx", "1", "x" * 500, "%00", "..%2f..", "'; DROP TABLE runs; --".replace(" ", "%20")])
@pytest.mark.parametrize("rest", ["", "/stdout", "/events"])
def test_an_unknown_run(api, run_id, rest):
    assert api.request("GET", f"/api/v1/runs/{run_id}{rest}").status in (400, 404)


def test_an_unknown_address_and_a_wrong_method(api):
    problem(api.request("GET", "/api/v1/nothing"), 404)
    answer = api.request("PUT", "/api/v1/runs", b"{}")
    problem(answer, 405)
    assert {"GET", "POST"} <= {method.strip() for method in answer.headers["allow"].split(",")}


def api_processes() -> list[int]:
    found = []
    for folder in pathlib.Path("/proc").iterdir():
        with contextlib.suppress(OSError):  # not a process, or one that has just ended
            if (folder / "cmdline").read_bytes().split(b"\0")[0].rpartition(b"/")[2] == b"oneshot-api":
                found.append(int(folder.name))
    return found


HOSTILE = {
    "deep objects": (b'{"a":' * 60_000, 422),
    "deep objects, closed": (b'{"a":' * 60_000 + b"1" + b"}" * 60_000, 422),
    "deep arrays": (b'{"source":"1","args":' + b"[" * 4_000_000, 422),
    "numbers as args": (b'{"source":"1","args":[' + b"0," * 1_900_000 + b"0]}", 422),
    "many args": (b'{"source":"1","args":[' + b'"",' * 1_300_000 + b'""]}', 413),
    "many args and numbers": (b'{"source":"1","args":[' + b'"",' * 64 + b"0," * 1_900_000 + b"0]}", 422),
    "unknown keys": (b'{"source":"1"' + b"".join(b',"key%d":0' % i for i in range(100_000)) + b"}", 422),
    "unknown limits": (b'{"source":"1","limits":{"a":0' + b"".join(b',"key%d":0' % i for i in range(100_000)) + b"}}", 422),
    "one key again and again": (b'{"source":"1"' + b',"source":"1"' * 100_000 + b"}", 422),
    "a long key": (b'{"source":"1","' + b"k" * 4_000_000 + b'":0}', 422),
    "a long source": (b'{"source":"' + b"#" * 4_000_000 + b'"}', 413),
    "a long source of escapes": (b'{"source":"' + rb"\u0001" * 650_000 + b'"}', 413),
    "a long number": (b'{"source":"1","limits":{"memory_mib":0.' + b"1" * 4_000_000 + b"}}", 422),
    "a number beyond all": (b'{"source":"1","limits":{"memory_mib":' + b"9" * 4_000_000 + b"}}", 400),
    "an array instead": (b"[" + b"0," * 2_000_000 + b"0]", 422),
    "an unfinished string": (b'{"source":"' + b"#" * 4_000_000, 400),
    "NUL": (b"\0" * 4_000_000, 400),
    "no UTF-8": (b'{"source":"' + b"#" * 4_000_000 + b'\xff"}', 400),
}


@pytest.mark.parametrize(("body", "status"), HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_body_costs_little(api, request, record_testsuite_property, body, status):
    """The report has the time of the answer as well; the target is 200 ms."""
    processes = api_processes()
    resident = {process: memory_bytes(process, "VmRSS") for process in processes}
    for process in processes:
        forget_peak(process)
    peak = {process: memory_bytes(process, "VmHWM") for process in processes}

    begun = time.monotonic()
    refused = problem(api.post(body), status)
    record_testsuite_property(f"milliseconds: {request.node.callspec.id}", round((time.monotonic() - begun) * 1000))
    assert len(refused.get("errors", [])) <= 20
    assert len(json.dumps(refused)) < 16 * KIB

    assert api.request("GET", "/readyz").status == 200
    if not processes:
        pytest.skip("no process oneshot-api is visible from this machine, so its memory was not looked at")
    for process in processes:
        assert memory_bytes(process, "VmHWM") <= max(resident[process] + 64 * MIB, peak[process]), "memory"


def test_twenty_faults_are_listed_and_more_are_mentioned(api):
    unknown = {f"key{i}": 0 for i in range(20)}
    refused = problem(api.post({"source": "1", **unknown}), 422)
    assert len(refused["errors"]) == 20 and "errors_truncated" not in refused
    refused = problem(api.post({"source": "1", **unknown, "one more": 0}), 422)
    assert len(refused["errors"]) == 20 and refused["errors_truncated"] is True
