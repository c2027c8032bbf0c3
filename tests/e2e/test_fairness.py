"""One client cannot starve another. Clients are told apart by their addresses, so these tests speak from several loopback addresses."""

import contextlib
import time

import pytest

from client import Api, site_from_environment, wait_until
from embedded import needs_embedded_cluster
from faults import query

pytestmark = [needs_embedded_cluster, pytest.mark.usefixtures("still_works")]

LOOPS = 30


@pytest.fixture
def flooding() -> Api:
    return Api(site_from_environment(), client_address="127.0.0.11")


@pytest.fixture
def small() -> Api:
    return Api(site_from_environment(), client_address="127.0.0.12")


@contextlib.contextmanager
def flood(flooding: Api):
    """Endless loops, more than may be active; gone afterwards."""
    ids = [flooding.submit("while True: pass")["id"] for _ in range(LOOPS)]
    try:
        yield ids
    finally:
        for run_id in reversed(ids):
            flooding.cancel(run_id)
        for run_id in ids:
            flooding.wait_ended(run_id)


def count(flooding: Api, ids: list[str], status: str) -> int:
    return sum(flooding.get(run_id)["status"] == status for run_id in ids)


def test_endless_loops_of_one_client_do_not_keep_another_waiting(flooding, small):
    with flood(flooding) as ids:
        wait_until("loops run", lambda: count(flooding, ids, "running") >= 3)
        began = time.monotonic()
        run = small.run("print(6)")
        print(f"beside {LOOPS} loops, print took {time.monotonic() - began:.2f} s")  # told by pytest -rP
        assert (run["status"], run["stdout"]) == ("succeeded", "6\n"), run
        assert count(flooding, ids, "queued") >= LOOPS // 2


def test_a_run_of_another_client_comes_next(flooding, small):
    with flood(flooding) as ids:
        last = flooding.get(ids[-1])
        assert last["queue_position"] > LOOPS // 2, last
        run = small.submit("print(6)")
        assert run["queue_position"] in (None, 1), run
        assert small.wait_ended(run["id"])["status"] == "succeeded"


# As the api writes them, and as many as leave room in the queue (queue.max_queued); ids that no run gets before the year 10889.
MANY = """
INSERT INTO runs (id, not_before, created_at, source, stdin, args, wall_ms_limit, cpu_ms_limit, memory_mib, output_bytes_limit, scratch_mib,
  submitter, tag)
SELECT '7' || lpad(n::text, 25, '0'), now(), now(), 'pass', '', '[]', 10000, 10000, 256, 1048576, 0,
       'address:127.0.0.13', virtual_time + n * 10000
FROM generate_series(1, 9990) AS n, queue_clock
"""
THOSE = "submitter = 'address:127.0.0.13'"


def test_a_run_comes_before_thousands_of_another_client(small):
    query(MANY)
    try:
        run = small.run("print(6)")
        queued = int(query(f"SELECT count(*) FROM runs WHERE status = 'queued' AND {THOSE}")[0])
        assert (run["status"], run["stdout"]) == ("succeeded", "6\n"), run
        print(f"print waited {run['timings']['queued_ms']} ms; {queued} others were queued after it had ended")
        assert queued > 9_500
    finally:
        query(f"DELETE FROM runs WHERE status = 'queued' AND {THOSE}")
        wait_until("those that were claimed have ended", lambda: not query(f"SELECT 1 FROM runs WHERE finished_at IS NULL AND {THOSE}"))
        query(f"DELETE FROM runs WHERE {THOSE}")


def test_a_queued_run_tells_when_it_should_start(flooding):
    with flood(flooding) as ids:

        def told():
            run = flooding.get(ids[-1])
            assert run["status"] == "queued", run
            return run["starts_in_ms"]

        assert wait_until("an estimate, once places have become free", told) > 0


def test_two_streams_written_in_turn_byte_by_byte_are_few_rows(api):
    source = "import os\nfor i in range(50_000):\n    os.write(1, b'o')\n    os.write(2, b'e')\n"
    run = api.run(source)
    assert run["status"] == "succeeded", run
    assert len(api.output(run["id"])) + run["output"]["stdout_dropped_bytes"] == 50_000
    assert len(api.output(run["id"], "stderr")) + run["output"]["stderr_dropped_bytes"] == 50_000
    rows = int(query(f"SELECT count(*) FROM output_chunks WHERE run_id = '{run['id']}'")[0])
    print(f"100,000 writes of a byte became {rows} rows")
    assert rows <= 2_000
