"""Runs suites, counts what their JUnit reports say, and leaves the machine as it was. scripts/test has the suites themselves."""

import contextlib
import copy
import dataclasses
import functools
import http.client
import os
import pathlib
import signal
import subprocess
import threading
import time
import traceback
import xml.etree.ElementTree
from collections.abc import Sequence

ROOT = pathlib.Path(__file__).resolve().parents[2]
SHOWN_LINES = 40  # of each failure
INTERRUPTIONS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PATIENCE_SECONDS = 10  # with children that were asked to end


@dataclasses.dataclass(frozen=True)
class Preparation:
    """What suites stand on. It is tried once; a failure counts as one, and the suites that need it are left out."""

    command: tuple[str, ...]
    title: str = ""  # shown with the seconds it took; empty where the command says itself what it does
    log: str = ""  # takes the output, and only the end of a failure is shown; empty: the output is shown
    embedded_only: bool = False  # only where the embedded cluster is used


@dataclasses.dataclass(frozen=True)
class Suite:
    """A command that leaves a JUnit report at $JUNIT_FILE; {report} in the command stands for the same path."""

    name: str
    command: tuple[str, ...]
    needs: tuple[str, ...] = ()  # names of preparations
    not_with_docker: str = ""  # why the suite is left out where Docker runs the cluster
    takes_system_down: bool = False
    runs_with: str = ""  # the suite by whose name this one is asked for as well


@dataclasses.dataclass
class Result:
    name: str
    passed: int = 0
    failures: list[tuple[str, str]] = dataclasses.field(default_factory=list)  # each test's name, and what it said
    skipped: int = 0
    seconds: float = 0


def read_report(name: str, report: pathlib.Path, status: int) -> Result:
    """What a JUnit report says. A suite that ended badly without a failed test, left no report or ran nothing counts as one failure."""
    result = Result(name)
    try:
        for case in xml.etree.ElementTree.parse(report).getroot().iter("testcase"):
            faults = [child for child in case if child.tag in ("failure", "error")]
            if faults:
                text = "\n".join(filter(None, [faults[0].get("message"), faults[0].text, case.findtext("system-out")]))
                result.failures.append((f"{case.get('classname', '')} {case.get('name', '')}".strip(), text))
            elif case.find("skipped") is not None or case.get("status") in ("disabled", "notrun"):
                result.skipped += 1
            else:
                result.passed += 1
    except (OSError, xml.etree.ElementTree.ParseError) as fault:
        return Result(name, failures=[("the whole suite", f"it left no report: {fault}")])
    if status != 0 and not result.failures:
        result.failures.append(("the whole suite", f"it ended with status {status} although no test of its report failed"))
    if result.passed == 0 and not result.failures:
        result.failures.append(("the whole suite", "it ran no test"))
    return result


class Interrupted(Exception):
    """A signal asked this script to end."""


def living() -> dict[tuple[int, int], int]:
    """All processes that have not ended, by id and start time, with their parents' ids."""
    found = {}
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has just ended
        if fields[0] != "Z":
            found[int(stat.parent.name), int(fields[19])] = int(fields[1])
    return found


def end_children(signals: tuple[signal.Signals | None, ...]) -> None:
    """Sends one signal after the other to all processes below this one, until they have ended; None only waits."""
    family: set[tuple[int, int]] = set()  # remembered, because a process whose parent has ended is no longer below this one
    for number in signals:
        deadline = time.monotonic() + PATIENCE_SECONDS
        told: set[tuple[int, int]] = set()
        while time.monotonic() < deadline:
            processes = living()
            above = {os.getpid()}
            while above:
                children = {process for process, parent in processes.items() if parent in above}
                family |= children
                above = {pid for pid, _ in children}
            family &= processes.keys()
            if not family:
                return
            for process in family - told if number else ():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process[0], number)
            told |= family
            time.sleep(0.05)


@functools.cache
def uses_docker() -> bool:
    return subprocess.run(["scripts/container-engine"], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout.strip() == "docker"


def system_answers() -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", 8000, timeout=3)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


class SuiteRun:
    """One call of this script."""

    def __init__(self, suites: Sequence[Suite], preparations: dict[str, Preparation], state: pathlib.Path, fidelity_sample: int = 1):
        self.suites = suites
        self.preparations = preparations
        self.state = state  # the checkout's .oneshot
        self.fidelity_sample = fidelity_sample
        self.say = functools.partial(print, flush=True)  # children write to the same place
        self.results: list[Result] = []
        self.prepared: dict[str, bool] = {}
        self.owns_database = False
        self.system_was_running: bool | None = None  # not known yet
        self.system_is_down = False  # a suite took it down
        self.stopping = threading.Event()
        (state / "logs").mkdir(parents=True, exist_ok=True)
        (state / "test").mkdir(exist_ok=True)

    def run_all(self, names: list[str]) -> bool:
        """Runs the suites of these names and shows their results; whether nothing failed."""
        begun = time.monotonic()
        for number in INTERRUPTIONS:
            signal.signal(number, self.interrupt)
        try:
            if self.prepare("setup"):
                self.run_in_order(names)
        except Interrupted:
            self.results.append(Result("interrupted", failures=[("interrupted", "")]))
        except Exception as fault:
            self.results.append(Result("scripts/test", failures=[("scripts/test", repr(fault))]))
            traceback.print_exc()
        for number in INTERRUPTIONS:
            signal.signal(number, signal.SIG_DFL)  # from here on a signal ends this script, which then says nothing green
        self.put_back()
        return self.summarize(time.monotonic() - begun)

    def run_in_order(self, names: list[str]) -> None:
        while names:
            if names[:3] == ["asan", "tsan", "cluster"]:
                self.run_beside(names[:2], names[2])
                names = names[3:]
            else:
                self.run_named(names[0])
                names = names[1:]

    def run_beside(self, background: list[str], foreground: str) -> None:
        """Runs the suites of `background` in a thread while `foreground` runs, and shows afterwards what they said."""
        self.prepare("database")  # here, where its output is seen
        said: list[str] = []
        beside = copy.copy(self)  # shares the results and what is prepared
        beside.say = said.append

        def work() -> None:
            try:
                for name in background:
                    beside.run_named(name)
            except Interrupted:
                pass
            except Exception as fault:
                self.results.append(Result("sanitizers", failures=[("scripts/test", repr(fault))]))
                said.append(traceback.format_exc())

        thread = threading.Thread(target=work)
        thread.start()
        try:
            self.run_named(foreground)
        finally:
            thread.join()
            for text in said:
                self.say(text)

    def run_named(self, name: str) -> None:
        for suite in self.suites:
            if name in (suite.name, suite.runs_with):
                self.run(suite)

    def run(self, suite: Suite) -> None:
        if suite.not_with_docker and uses_docker():
            self.say(f"==> testing: {suite.name}: left out, {suite.not_with_docker}")
            return
        if suite.takes_system_down:
            self.remember_system()
            self.system_is_down = True
            self.prepared.pop("system", None)
        if not all(self.prepare(need) for need in suite.needs):
            return
        self.say(f"==> testing: {suite.name}")
        report = self.state / "test" / f"{suite.name}.xml"
        log = report.with_suffix(".log")
        report.unlink(missing_ok=True)
        begun = time.monotonic()
        command = [word.format(report=report, fidelity_sample=self.fidelity_sample) for word in suite.command]
        status = self.call(command, log, JUNIT_FILE=str(report))
        result = read_report(suite.name, report, status)
        result.seconds = time.monotonic() - begun
        for test, text in result.failures:
            self.say("\n        ".join([f"    FAILED {test}", *text.strip().splitlines()[-SHOWN_LINES:]]))
        if result.failures:
            self.show_end(log, 15)
        self.say(f"    {result.passed} passed, {len(result.failures)} failed, {result.skipped} skipped in {result.seconds:.1f} s")
        self.results.append(result)

    def prepare(self, name: str) -> bool:
        if name not in self.prepared:
            self.prepared[name] = self.try_to_prepare(name, self.preparations[name])
        return self.prepared[name]

    def try_to_prepare(self, name: str, preparation: Preparation) -> bool:
        if preparation.embedded_only and uses_docker():
            return True
        if name == "database" and os.environ.get("ONESHOT_TEST_DATABASE_URL"):
            return True
        if name == "system":
            self.remember_system()
        begun = time.monotonic()
        if preparation.title:
            self.say(f"==> {preparation.title}")
        log = self.state / "logs" / preparation.log if preparation.log else None
        status = self.call(preparation.command, log)
        seconds = time.monotonic() - begun
        if status != 0:
            if log:
                self.show_end(log, int(os.environ.get("ONESHOT_LOG_TAIL", "60")))
            self.say(f"!!! failed after {seconds:.1f} s: {preparation.title or ' '.join(preparation.command)}")
            self.results.append(Result(name, failures=[(name, f"status {status}")], seconds=seconds))
            return False
        if preparation.title:
            self.say(f"    done in {seconds:.1f} s")
        if name == "database":
            self.owns_database = True
            url = subprocess.run(["scripts/postgres", "url", "test"], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
            os.environ["ONESHOT_TEST_DATABASE_URL"] = url.strip()
        if name == "system":
            self.system_is_down = False
        return True

    def remember_system(self) -> None:
        """Asks once, before anything touches the system."""
        if self.system_was_running is None:
            self.system_was_running = system_answers()

    def call(self, command: Sequence[str], log: pathlib.Path | None = None, **environment: str) -> int:
        """Runs `command` to its end and returns its exit status. Its output goes to `log`, or where ours goes."""
        if self.stopping.is_set():
            raise Interrupted
        with open(log, "wb") if log else contextlib.nullcontext() as output:
            try:
                status = subprocess.run(command, cwd=ROOT, env=os.environ | environment, stdout=output, stderr=output).returncode
            except OSError as fault:
                self.say(f"    {command[0]}: {fault.strerror}")
                status = 127  # as a shell says that there is no such command
        if self.stopping.is_set():
            raise Interrupted  # what the signal did to the command says nothing about the suite
        return status

    def show_end(self, log: pathlib.Path, lines: int) -> None:
        for line in log.read_text(errors="replace").splitlines()[-lines:]:
            self.say(f"    | {line}")
        self.say(f"    (the whole log: {log})")

    def interrupt(self, number: int, _frame: object) -> None:
        """The signal handler: ends the children. What waits for one of them then goes on, sees `stopping` and raises Interrupted."""
        self.stopping.set()
        # A terminal's Ctrl+C has reached the children already; pytest puts back what it changed.
        first = None if number == signal.SIGINT else signal.SIGINT
        end_children((first, signal.SIGTERM, signal.SIGKILL))

    def put_back(self) -> None:
        """Leaves running what was running before, and nothing else."""
        if self.owns_database:
            subprocess.run(["scripts/postgres", "down", "test"], cwd=ROOT)
        if self.system_was_running is False:
            subprocess.run(["scripts/stop"], cwd=ROOT)
        elif self.system_is_down:
            subprocess.run(["scripts/run"], cwd=ROOT, env=os.environ | {"ONESHOT_EXAMPLE": "none"})

    def summarize(self, seconds: float) -> bool:
        """Whether nothing failed."""
        self.say("")
        for result in self.results:
            counts = f"{result.passed:5d} passed {len(result.failures):3d} failed {result.skipped:3d} skipped"
            self.say(f"{result.name:<22} {counts} {result.seconds:8.1f} s")
        passed = sum(result.passed for result in self.results)
        failed = sum(len(result.failures) for result in self.results)
        skipped = sum(result.skipped for result in self.results)
        self.say(f"after {seconds:.0f} s" + (f", {skipped} skipped" if skipped else ""))
        self.say(f"{passed} passed, {failed} failed")
        return failed == 0
