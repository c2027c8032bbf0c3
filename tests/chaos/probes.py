"""When the system has recovered from a fault: small programs of a submitter of their own, sent from the moment at which a fault is over."""

import threading

from load import PROBES, Load
from record import Blow, Submission

WAIT_SECONDS = 2  # of one request; it says so earlier when the program has ended
STALE_SECONDS = 30  # then another probe is sent: what an older one met may be gone
OUTSTANDING = 2  # more would wait for each other
RECOVERY_SECONDS = 180  # after that a fault counts as not recovered from
PAUSE_SECONDS = 0.2


class Prober:
    def __init__(self, load: Load):
        self.load = load
        self.clock = load.clock
        self.pending: list[Blow] = []
        self.outstanding: list[Submission] = []
        self.thread = threading.Thread(target=self.work, name="prober")
        self.stop = threading.Event()

    def watch(self, blow: Blow) -> None:
        """Sets the blow's time of recovery as soon as it is known."""
        self.pending.append(blow)

    def work(self) -> None:
        while not self.stop.wait(PAUSE_SECONDS):
            if self.pending:
                self.send_if_due()
                self.look()
            self.pending = [blow for blow in self.pending if blow.recovered is None and self.clock() - blow.ended < RECOVERY_SECONDS]

    def send_if_due(self) -> None:
        last = self.outstanding[-1].sent if self.outstanding else float("-inf")
        if last >= max(blow.ended for blow in self.pending) and self.clock() - last < STALE_SECONDS:
            return
        while len(self.outstanding) >= OUTSTANDING:
            self.load.cancel(self.outstanding.pop(0))
        submission, body = self.load.prepare(PROBES, "short", len(self.load.record.submissions))
        self.load.submit(submission, body, WAIT_SECONDS)
        if submission.is_accepted:
            self.outstanding.append(submission)

    def look(self) -> None:
        for submission in list(self.outstanding):
            if submission.first_end or self.load.look(submission):
                self.outstanding.remove(submission)
                if submission.first_end["status"] == "succeeded":
                    for blow in self.pending:
                        if blow.ended <= submission.sent and blow.recovered is None:
                            blow.recovered = self.clock()
                            print(f"    {self.clock():6.1f} s       {blow} recovered {blow.recovered - blow.ended:.1f} s later", flush=True)

    def is_over(self) -> bool:
        return not self.pending

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join()
