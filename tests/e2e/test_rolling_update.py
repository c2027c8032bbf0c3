"""The site is replaced, one pod after the other, while people use it: no request fails, and every stream goes on where it was cut."""

import http.client
import json
import threading
import time

from client import ENDED, Api
from cluster import SYSTEM

LINES = 450
LINE_PAUSE_SECONDS = 0.1
PRINTING = f"import time\nfor n in range({LINES}):\n    print('line', n, flush=True)\n    time.sleep({LINE_PAUSE_SECONDS})"
WAITED_FOR = "import time\ntime.sleep(8)\nprint('done')"
MOST_CUTS = 20  # a stream that is cut at once, again and again, does not go on


class User(threading.Thread):
    """Does one thing again and again, each time over a connection of its own, and notes what did not go as it should."""

    def __init__(self, name: str, act, stop: threading.Event, failures: list[str]):
        super().__init__(name=name)
        self.act, self.stop, self.failures, self.done = act, stop, failures, 0

    def run(self) -> None:
        while not self.stop.is_set():
            begun = time.monotonic()
            try:
                self.act()
                self.done += 1
            except (OSError, http.client.HTTPException, AssertionError) as error:
                self.failures.append(f"{self.name} after {time.monotonic() - begun:.3f} s: {error!r}")
                time.sleep(0.05)


class Follower(threading.Thread):
    """Follows a run as EventSource does: opens the stream again, after the last event that it has, whenever it is cut."""

    def __init__(self, api: Api, run_id: str, failures: list[str]):
        super().__init__(name=f"follower of {run_id}")
        self.api, self.run_id, self.failures = api, run_id, failures
        self.text, self.end, self.cuts = "", None, 0

    def run(self) -> None:
        last = None
        while self.end is None and self.cuts < MOST_CUTS:
            try:
                for event, event_id, data in self.api.events(self.run_id, last):
                    if event == "stdout" and event_id != last:
                        self.text += data["text"]
                        last = event_id
                    elif event == "end":
                        self.end = data
            except (OSError, AssertionError) as error:
                self.failures.append(f"{self.name}: {error!r}")
            except http.client.HTTPException:  # cut in the middle of a chunk
                pass
            if self.end is None:
                self.cuts += 1
                time.sleep(0.5)


def test_a_rolling_update_under_load_fails_no_request_and_ends_no_stream(api, kubectl):
    stop, failures = threading.Event(), []

    def submit() -> None:
        answer = api.post({"source": "print(6 * 7)"}, wait=30)
        assert answer.status == 201, (answer.status, answer.body[:300])
        run = answer.json()
        while run["status"] not in ENDED:  # an api that is being stopped answers with what it knows
            run = read(f"/api/v1/runs/{run['id']}?wait=30")
        assert (run["status"], run["stdout"], run["attempt"]) == ("succeeded", "42\n", 1), run

    def wait_long() -> None:
        run = json.loads(api.post({"source": WAITED_FOR}, wait=60).body)
        while run["status"] not in ENDED:
            run = read(f"/api/v1/runs/{run['id']}?wait=60")
        assert (run["status"], run["stdout"]) == ("succeeded", "done\n"), run

    def read(path: str) -> dict:
        answer = api.request("GET", path)
        assert answer.status == 200, (answer.status, answer.body[:300])
        return answer.json() if path.startswith("/api/") else {}

    printing = [api.submit(PRINTING, limits={"wall_seconds": 60})["id"] for _ in range(2)]
    followers = [Follower(api, run_id, failures) for run_id in printing for _ in range(3)]
    users = [
        User("submitter", submit, stop, failures),
        User("waiter", wait_long, stop, failures),
        *(User("reader of the list", lambda: read("/api/v1/runs?limit=5"), stop, failures) for _ in range(2)),
        User("reader of a run", lambda: read(f"/api/v1/runs/{printing[0]}"), stop, failures),
        User("visitor of the page", lambda: read("/"), stop, failures),
    ]
    for thread in [*followers, *users]:
        thread.start()
    try:
        kubectl("-n", SYSTEM, "rollout", "restart", kubectl.workload("api"))
        kubectl.wait_rolled_out("api")
    finally:
        stop.set()
        for thread in [*users, *followers]:
            thread.join()
    print({user.name: user.done for user in users}, {"cuts": [follower.cuts for follower in followers]})

    assert not failures, f"{len(failures)} failures: {failures[:10]}"
    assert all(user.done for user in users)
    expected = "".join(f"line {n}\n" for n in range(LINES))
    for follower in followers:
        assert follower.text == expected, follower.name
        assert follower.end["status"] == "succeeded" and follower.end["attempt"] == 1
    assert any(follower.cuts for follower in followers), "the update did not touch the streams, so it proves nothing"
