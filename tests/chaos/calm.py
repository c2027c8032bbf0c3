"""After the faults: waits until everything has ended, and reads from the public API and from Kubernetes what the checker is to judge."""

import contextlib
import datetime
import http.client
import json
from collections.abc import Callable

from client import Api, wait_until
from cluster import Kubectl
from record import ENDED, Ending, Record

PAGE = 100
# The longest program, all attempts that a run has, and the time until Kubernetes gives a lost node up.
END_SECONDS = 300
TIDY_SECONDS = 60  # until nothing works for runs that have ended
ANSWERS_SECONDS = 60


class Reader:
    """Asks again where an answer is lost."""

    def __init__(self, site: str):
        self.api = Api(site, timeout_seconds=30)

    def get(self, path: str) -> bytes | None:
        """None: there is no such thing."""

        def answered():
            with contextlib.suppress(OSError, http.client.HTTPException):
                answer = self.api.request("GET", path)
                if answer.status in (200, 404):
                    return answer
            return None

        answer = wait_until(f"{path} is answered", answered, ANSWERS_SECONDS, pause_seconds=0.5)
        return answer.body if answer.status == 200 else None

    def runs_since(self, created_at: str) -> list[dict]:
        """All runs in the list that are not older, newest first."""
        found: dict[str, dict] = {}
        cursor = ""
        while cursor is not None:
            page = json.loads(self.get(f"/api/v1/runs?limit={PAGE}" + (f"&cursor={cursor}" if cursor else "")) or b"{}")
            new = [run for run in page["runs"] if run["created_at"] >= created_at]
            found |= {run["id"]: run for run in new}
            cursor = page["next_cursor"] if len(new) == len(page["runs"]) else None
        return list(found.values())

    def has_runs(self, status: str) -> bool:
        return bool(json.loads(self.get(f"/api/v1/runs?limit=1&status={status}") or b"{}")["runs"])

    def ending(self, run_id: str) -> Ending | None:
        run = self.get(f"/api/v1/runs/{run_id}")
        stdout, stderr = self.get(f"/api/v1/runs/{run_id}/stdout"), self.get(f"/api/v1/runs/{run_id}/stderr")
        if run is None or stdout is None or stderr is None:
            return None
        told = json.loads(run)
        del told["stdout"], told["stderr"]  # the same as text
        return Ending(told, stdout, stderr)


def wait_calm(reader: Reader, record: Record, is_over: Callable[[], bool]) -> None:
    """Until every run of this record has ended and everybody who followed one knows, or far too long."""

    def all_ended() -> bool:
        ours = {submission.output_bytes for submission in record.submissions}
        runs = reader.runs_since(began_at(record))
        return is_over() and all(run["status"] in ENDED for run in runs if run["limits"]["output_bytes"] in ours)

    with contextlib.suppress(AssertionError):  # the checker names what has not ended
        wait_until("all runs have ended", all_ended, END_SECONDS, pause_seconds=1)


def began_at(record: Record) -> str:
    """As the API writes a time."""
    return datetime.datetime.fromtimestamp(record.began - 1, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")


def read_endings(reader: Reader, record: Record) -> None:
    for run in reader.runs_since(began_at(record)):
        record.found.setdefault(run["limits"]["output_bytes"], []).append(run["id"])
    for submission in record.submissions:
        for run_id in dict.fromkeys([*record.found.get(submission.output_bytes, []), *filter(None, [submission.run_id])]):
            if (ending := reader.ending(run_id)) is not None:
                record.endings[run_id] = ending
                if run_id == submission.run_id:
                    submission.see(ending.run)


def working_for(kubectl: Kubectl, ended: set[str]) -> list[str]:
    """Jobs and pods that work although the run whose label they have has ended."""
    found = []
    for job in kubectl.objects("jobs"):
        run_id = job["metadata"]["labels"].get("oneshot.dev/run-id")
        if run_id in ended and job["status"].get("active", 0):
            found.append(f"Job {job['metadata']['name']} works for {run_id}, which has ended")
    for pod in kubectl.objects("pods"):
        run_id = pod["metadata"]["labels"].get("oneshot.dev/run-id")
        if run_id in ended and pod["status"]["phase"] in ("Pending", "Running"):
            found.append(f"pod {pod['metadata']['name']} is {pod['status']['phase']} for {run_id}, which has ended")
    return found


def read_left_behind(kubectl: Kubectl, record: Record) -> None:
    ended = {run_id for run_id, ending in record.endings.items() if ending.run["status"] in ENDED}
    with contextlib.suppress(AssertionError):
        wait_until("nothing works for runs that have ended", lambda: not working_for(kubectl, ended), TIDY_SECONDS, pause_seconds=1)
    record.left_behind += working_for(kubectl, ended)
