"""A run ends while no controller lives, and its result waits in the runner for longer than the runner holds it. Takes twelve minutes:
ONESHOT_SLOW=1 scripts/test e2e"""

import os
import time

import pytest

from client import wait_until
from cluster import SYSTEM
from embedded import needs_embedded_cluster
from faults import Load

# Longer than controller.result_hold (10 min): what the runner then writes to its log is all that is left.
OUTAGE_SECONDS = 11 * 60

pytestmark = [
    needs_embedded_cluster,
    pytest.mark.skipif(os.environ.get("ONESHOT_SLOW") != "1", reason="takes twelve minutes; set ONESHOT_SLOW=1"),
    pytest.mark.usefixtures("whole_again"),
]


def test_no_controller_for_eleven_minutes(api, kubectl):
    load = Load(api, programs=4, seconds=15)
    load.wait_printing(at_least=4)
    workload = kubectl.workload("controller")
    kubectl("-n", SYSTEM, "scale", workload, "--replicas=0")
    try:
        wait_until("no controller lives", lambda: not kubectl.objects("pods", SYSTEM, "app.kubernetes.io/component=controller"))
        ends_at = time.monotonic() + OUTAGE_SECONDS
        assert {api.get(run_id)["status"] for run_id in load.ids} == {"running"}
        wait_until("the outage is over", lambda: time.monotonic() > ends_at, deadline_seconds=OUTAGE_SECONDS + 5, pause_seconds=1)
    finally:
        kubectl("-n", SYSTEM, "scale", workload, "--replicas=2")
    load.assert_whole()
