"""The backup and the restore that docs/operations.md describes, step by step."""

import subprocess

import pytest

from client import wait_until
from cluster import STATE, SYSTEM
from embedded import needs_embedded_cluster
from faults import Load, is_ready

pytestmark = [needs_embedded_cluster, pytest.mark.usefixtures("whole_again")]


def postgresql(program: str, *arguments: str) -> None:
    url = (STATE / "deploy" / "database-url").read_text()
    subprocess.run([program, "--dbname", url, *arguments], check=True)


def test_a_backup_is_restored(api, kubectl, tmp_path):
    kept = api.run("print('kept')")
    under_way = Load(api, programs=2, seconds=25)
    under_way.wait_printing(at_least=2)
    dump = str(tmp_path / "oneshot.dump")
    postgresql("pg_dump", "--format", "custom", "--file", dump)
    later = api.run("print('after the backup')")

    workloads = [kubectl.workload(name) for name in ("api", "controller")]
    kubectl("-n", SYSTEM, "scale", *workloads, "--replicas", "0")
    try:
        wait_until("nobody uses the database", lambda: not kubectl.objects("pods", SYSTEM, "app.kubernetes.io/component in (api, controller)"))
        postgresql("pg_restore", "--clean", "--if-exists", dump)
    finally:
        kubectl("-n", SYSTEM, "scale", *workloads, "--replicas", "2")
    wait_until("the site answers", lambda: is_ready(api))

    assert api.get(kept["id"])["stdout"] == "kept\n"
    assert api.request("GET", f"/api/v1/runs/{later['id']}").status == 404
    # What was stored after the backup is lost, and their runners no longer have it: of these runs only the end is promised.
    for run_id in under_way.ids:
        assert api.wait_ended(run_id, deadline_seconds=240)["status"] == "succeeded"
