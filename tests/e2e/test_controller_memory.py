"""The controller's memory is bounded by the number of active runs, whatever they print, and whether the database takes it or not."""

import datetime

import pytest

from client import Api, site_from_environment, wait_until
from embedded import needs_embedded_cluster
from faults import controller_processes, leader, postgresql_processes, stopped
from memory import MIB, forget_peak, memory_bytes

pytestmark = [needs_embedded_cluster, pytest.mark.usefixtures("still_works")]

CLIENTS = ("127.0.0.13", "127.0.0.14")
RUNS_OF_EACH = 4  # as many as may be active
OUTPUT_MIB = 8
RUN_MIB = 4  # docs/reliability.md, "Sizing"
# Each byte becomes six in JSON.
SOURCE = f"import os\nfor _ in range({OUTPUT_MIB} * 256):\n    os.write(1, bytes([1]) * 4096)"


def test_printing_much_while_the_database_stands_still(kubectl, api):
    [pid] = controller_processes(leader(kubectl))
    resident = memory_bytes(pid, "VmRSS")
    forget_peak(pid)
    limits = {"output_bytes": OUTPUT_MIB * MIB, "wall_seconds": 60}
    ids = [Api(site_from_environment(), client).submit(SOURCE, limits=limits)["id"] for _ in range(RUNS_OF_EACH) for client in CLIENTS]
    wait_until("most of them run", lambda: sum(api.get(run_id)["status"] == "running" for run_id in ids) >= len(ids) // 2)
    with stopped(postgresql_processes()):
        looks = [memory_bytes(pid, "VmRSS")]

        def stands_still() -> bool:
            looks.append(memory_bytes(pid, "VmRSS"))
            return len(looks) > 20 and looks[-20] == looks[-1]

        wait_until("its memory grows no more", stands_still, pause_seconds=0.1)
        released = datetime.datetime.now(datetime.UTC)
    ended_later = 0
    for run_id in ids:
        run = api.wait_ended(run_id, deadline_seconds=240)
        assert (run["status"], run["truncated"], run["attempt"]) == ("succeeded", False, 1), run
        assert api.output(run_id) == b"\x01" * OUTPUT_MIB * MIB
        ended_later += datetime.datetime.fromisoformat(run["finished_at"]) > released
    assert ended_later >= len(ids) // 2, "too few were under way while the database stood still"
    grown = memory_bytes(pid, "VmHWM") - resident
    print(f"{len(ids)} runs, {grown / MIB:.1f} MiB more than without")  # told by pytest -rP
    assert grown <= len(ids) * RUN_MIB * MIB
