"""Two submitters with all kinds of programs, and a third one whose small programs show when the system has recovered.

Each worker has one run under way, follows it to its end or until its patience is over, and then submits the next: so what a fault holds up
stays little, and what the system is asked for depends on what it can do.
"""

import contextlib
import http.client
import json
import random
import threading
import time
from collections.abc import Callable

from client import Answer, Api
from programs import KINDS, MIB, Program
from record import Follower, Record, Submission, Wait

SUBMITTERS = ("127.0.0.1", "127.0.0.2")
PROBES = "127.0.0.3"
WORKERS = 2  # of each submitter
WEIGHTS = {"short": 5, "long": 3, "much": 2, "both": 3, "exit": 2, "exception": 2, "timeout": 1, "cancelled": 2, "pandas": 2, "stdin": 3}
OWN_JOB_SHARE = 0.2  # runs with more memory than what waits has
FOLLOWED_SHARE = 0.3
WAITING_SHARE = 0.4
LONGEST_WAIT_SECONDS = 20
PATIENCE_SECONDS = 90  # with one run, until the next is submitted
PAUSE_SECONDS = 0.5
# A request may be held for as long as the longest pause of a process, and then has to be answered. A probe is rather sent again.
ANSWER_SECONDS = 120
PROBE_ANSWER_SECONDS = 6
HEARTBEAT_SECONDS = 15  # of an event stream
TRANSPORT_FAULTS = (OSError, http.client.HTTPException)


class Load:
    def __init__(self, record: Record, site: str, clock: Callable[[], float], on_end: Callable[[str], None], keys_work: bool):
        self.record = record
        self.clock = clock
        self.on_end = on_end  # is told the marker of a run that has ended
        self.keys_work = keys_work  # a submission with the same Idempotency-Key is the same run
        self.lock = threading.Lock()
        self.stop = threading.Event()  # nothing new is submitted
        self.calm = threading.Event()  # what is followed is given up
        self.apis = {each: Api(site, each, ANSWER_SECONDS) for each in SUBMITTERS} | {PROBES: Api(site, PROBES, PROBE_ANSWER_SECONDS)}
        self.streams = {each: Api(site, each, 4 * HEARTBEAT_SECONDS) for each in SUBMITTERS}
        self.threads = [
            threading.Thread(target=self.work, args=(address, number), name=f"load-{address}-{number}")
            for address in SUBMITTERS
            for number in range(WORKERS)
        ]

    def work(self, address: str, number: int) -> None:
        chance = random.Random(f"{self.record.seed}/{address}/{number}")
        ended: list[Submission] = []
        while not self.stop.is_set():
            kind = chance.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
            wait = chance.randint(1, LONGEST_WAIT_SECONDS) if chance.random() < WAITING_SHARE else None
            submission, body = self.prepare(address, kind, chance.getrandbits(32), chance.random() < OWN_JOB_SHARE)
            follows, cancel_after = chance.random() < FOLLOWED_SHARE, chance.uniform(0, 6)
            self.submit(submission, body, wait)
            if submission.is_accepted:
                if KINDS[kind].cancelled:
                    self.stop.wait(cancel_after)
                    self.cancel(submission)
                if follows:
                    self.follow(submission)
                if self.wait_ended(submission):
                    ended.append(submission)
            else:
                self.stop.wait(PAUSE_SECONDS)
            if ended:  # an end stays as it was
                self.look(chance.choice(ended))

    def prepare(self, address: str, kind: str, seed: int, own_job: bool = False) -> tuple[Submission, bytes]:
        with self.lock:
            serial = len(self.record.submissions)
            output_bytes = KINDS[kind].output_mib * MIB + serial
            submission = Submission(serial, address, kind, f"{self.record.began:.0f}-{serial}", seed, output_bytes)
            self.record.submissions.append(submission)
        program = Program(KINDS[kind], submission.marker, seed)
        limits = {"wall_seconds": KINDS[kind].wall_seconds, "output_bytes": output_bytes} | ({"memory_mib": 300} if own_job else {})
        body = {"source": program.source(), "limits": limits}
        if (stdin := program.stdin()) is not None:
            body["stdin"] = stdin
        return submission, json.dumps(body).encode()

    def submit(self, submission: Submission, body: bytes, wait: int | None = None) -> dict | None:
        """The run as answered; the submission knows what happened."""
        path = "/api/v1/runs" if wait is None else f"/api/v1/runs?wait={wait}"
        headers = {"content-type": "application/json", "idempotency-key": f"chaos-{submission.marker}"}
        submission.sent = self.clock()
        answer = self.ask(submission.submitter, "POST", path, submission, body, headers, wait)
        # Only a submission without an answer may be sent again as if nothing had been; with a key it stays one.
        if answer is None and self.keys_work and not self.stop.wait(PAUSE_SECONDS):
            answer = self.ask(submission.submitter, "POST", path, submission, body, headers, wait)
        submission.answered = self.clock()
        if answer is None:
            return None
        submission.status = answer.status
        if answer.status not in (200, 201):
            submission.fault = answer.body[:500].decode(errors="replace")
            return None
        run = answer.json()
        submission.run_id = run["id"]
        self.see(submission, run)
        return run

    def ask(
        self, address: str, method: str, path: str, submission: Submission, body: bytes | None = None, headers: dict | None = None, wait: int | None = None
    ) -> Answer | None:  # fmt: skip
        """None: no answer came. A request that may wait is recorded as a wait."""
        asked = Wait(f"{method} {path}", self.clock(), wait or 0)
        try:
            answer = self.apis[address].request(method, path, body, headers)
            asked.ended, asked.how = self.clock(), str(answer.status)
            return answer
        except TimeoutError as fault:
            submission.fault = asked.how = repr(fault)
        except TRANSPORT_FAULTS as fault:
            asked.ended = self.clock()
            submission.fault = asked.how = repr(fault)
        finally:
            if address != PROBES:
                self.record.waits.append(asked)
        return None

    def see(self, submission: Submission, run: dict) -> bool:
        has_ended = submission.see(run)
        if has_ended:
            self.on_end(submission.marker)
        return has_ended

    def look(self, submission: Submission) -> bool:
        """Whether the run is known to have ended."""
        answer = self.ask(submission.submitter, "GET", f"/api/v1/runs/{submission.run_id}", submission)
        if answer is not None and answer.status == 200:
            return self.see(submission, answer.json())
        return False

    def wait_ended(self, submission: Submission) -> bool:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self.look(submission):
            if time.monotonic() > deadline or self.stop.wait(PAUSE_SECONDS):
                return False
        return True

    def cancel(self, submission: Submission) -> None:
        asked = self.clock()
        answer = self.ask(submission.submitter, "POST", f"/api/v1/runs/{submission.run_id}/cancel", submission)
        submission.cancels.append((asked, answer.status if answer else None))

    def follow(self, submission: Submission) -> None:
        """Puts the event stream together until it tells the end, over as many connections as it takes."""
        follower = submission.follower = Follower()
        wait = Wait(f"events of {submission.run_id}", self.clock(), 0, how="no end was told")
        self.record.waits.append(wait)
        last_id: str | None = None
        while not follower.end_status and not self.calm.is_set():
            follower.connections += 1
            apart = {"stdout": "", "stderr": ""}  # what has no id yet comes again on another connection
            with contextlib.suppress(AssertionError, *TRANSPORT_FAULTS):
                for event, event_id, data in self.streams[submission.submitter].events(submission.run_id, last_id):
                    if event in apart:
                        apart[event] += data["text"]
                        if event_id is not None and event_id != last_id:
                            follower.stdout, follower.stderr = follower.stdout + apart["stdout"], follower.stderr + apart["stderr"]
                            apart, last_id = {"stdout": "", "stderr": ""}, event_id
                    elif event == "reset":
                        follower.stdout = follower.stderr = ""
                        apart, last_id = {"stdout": "", "stderr": ""}, None
                        follower.resets += 1
                    elif event == "end":
                        follower.end_status = data["status"]
            if not follower.end_status:
                self.calm.wait(PAUSE_SECONDS)
        if follower.end_status:  # it may take as long as the run
            wait.ended, wait.seconds, wait.how = self.clock(), self.clock() - wait.asked, follower.end_status

    def is_over(self) -> bool:
        """Whether all that was under way when `stop` was set has been followed to its end."""
        return not any(thread.is_alive() for thread in self.threads)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.calm.set()
        for thread in self.threads:
            thread.join()
