"""Two hundred submissions at once: all end, each with its own output, in order and byte for byte."""

import concurrent.futures

from client import wait_until

RUNS = 200
LINES = 400
SOURCE = """
import sys
number = int(sys.argv[1])
for line in range({lines}):
    print(f"{{number}}:{{line}}:" + "x" * (line * 7 % 90))
    if line % 10 == 0:
        sys.stdout.flush()
        sys.stderr.write(f"{{number}}-{{line}} ü\\n")
sys.exit(number % 3)
""".format(lines=LINES)


def expected_stdout(number: int) -> bytes:
    return "".join(f"{number}:{line}:" + "x" * (line * 7 % 90) + "\n" for line in range(LINES)).encode()


def expected_stderr(number: int) -> bytes:
    return "".join(f"{number}-{line} ü\n" for line in range(0, LINES, 10)).encode()


def test_200_at_once(api):
    with concurrent.futures.ThreadPoolExecutor(max_workers=50) as pool:
        ids = list(pool.map(lambda number: api.submit(SOURCE, args=[str(number)])["id"], range(RUNS)))
    assert len(set(ids)) == RUNS

    waiting = set(ids)

    def all_ended() -> bool:
        for run_id in list(waiting):
            if api.get(run_id)["status"] not in ("queued", "starting", "running"):
                waiting.discard(run_id)
            else:
                break  # ask again about this one before the ones behind it
        return not waiting

    wait_until(f"all {RUNS} runs have ended", all_ended, deadline_seconds=600, pause_seconds=0.5)

    pods = set()
    for number, run_id in enumerate(ids):
        run = api.get(run_id)
        assert run["exit_code"] == number % 3, run
        assert run["status"] == ("failed" if number % 3 else "succeeded")
        assert run["truncated"] is False
        assert api.output(run_id) == expected_stdout(number)
        assert api.output(run_id, "stderr") == expected_stderr(number)
        pods.add(run["job"]["pod"])
    assert len(pods) == RUNS, "a pod was used twice"


def test_list_pages_through_everything_newest_first(api):
    ids = [api.submit(f"print({number})")["id"] for number in range(7)]
    for run_id in ids:
        api.wait_ended(run_id)
    seen, cursor = [], None
    while len(seen) < 7:
        path = "/api/v1/runs?limit=3" + (f"&cursor={cursor}" if cursor else "")
        page = api.request("GET", path).json()
        assert len(page["runs"]) == 3
        assert all("stdout" not in run and "stderr" not in run for run in page["runs"])
        seen += [run["id"] for run in page["runs"]]
        cursor = page["next_cursor"]
        assert cursor
    assert seen[:7] == ids[::-1]
    failed = api.request("GET", "/api/v1/runs?status=failed&limit=5").json()["runs"]
    assert failed and {run["status"] for run in failed} == {"failed"}
