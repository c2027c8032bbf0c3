"""scripts/test counts what suites say, and nothing that goes wrong ends green."""

import importlib.machinery
import importlib.util
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
loader = importlib.machinery.SourceFileLoader("scripts_test", str(ROOT / "scripts/test"))
scripts_test = importlib.util.module_from_spec(importlib.util.spec_from_loader("scripts_test", loader))
loader.exec_module(scripts_test)
suite_run = sys.modules["suite_run"]
Preparation, Suite = suite_run.Preparation, suite_run.Suite

PASSES = """echo '<testsuite><testcase name="a"/><testcase name="b"/></testsuite>' >"$JUNIT_FILE";"""


def shell(text: str) -> tuple[str, ...]:
    return ("sh", "-c", text)


@pytest.fixture
def run(tmp_path, capsys):
    def run(suites: list[Suite], names: list[str] | None = None, **preparations: tuple[str, ...]) -> tuple[bool, list[str]]:
        known = {"setup": ("true",), "database": ("true",)} | preparations
        made = suite_run.SuiteRun(suites, {name: Preparation(command) for name, command in known.items()}, tmp_path / ".oneshot")
        made.put_back = lambda: None
        is_green = made.run_all(names or [suite.name for suite in suites])
        return is_green, capsys.readouterr().out.splitlines()

    return run


def test_each_need_has_a_preparation_and_each_target_a_suite():
    assert {need for suite in scripts_test.SUITES for need in suite.needs} <= scripts_test.PREPARATIONS.keys()
    assert len({suite.name for suite in scripts_test.SUITES}) == len(scripts_test.SUITES)
    asked_for = re.findall(r"\$\(TEST\) (\w+)", (ROOT / "Makefile").read_text())
    assert asked_for and set(asked_for) <= set(scripts_test.NAMES)
    assert all(suite.runs_with in ("", *scripts_test.NAMES) for suite in scripts_test.SUITES)


def test_each_program_of_the_checkout_that_the_table_names_is_there():
    commands = [suite.command for suite in scripts_test.SUITES] + [each.command for each in scripts_test.PREPARATIONS.values()]
    named = [word for command in commands for word in command if re.match(r"(scripts|k8s|tests)/", word)]
    assert named and all((ROOT / word).exists() for word in named)


def test_the_sanitizers_run_beside_the_cluster_suite_by_default():
    names = scripts_test.NAMES
    assert names[names.index("asan") :][:3] == ["asan", "tsan", "cluster"]


def test_a_report_is_counted(tmp_path):
    report = tmp_path / "x.xml"
    report.write_text(
        """<testsuites><testsuite>
        <testcase classname="K" name="good"/>
        <testcase classname="K" name="bad"><failure message="two">is not three</failure><system-out>said</system-out></testcase>
        <testcase name="broken"><error message="no setup"/></testcase>
        <testcase name="left out"><skipped/></testcase>
        <testcase name="disabled" status="disabled"/>
        </testsuite></testsuites>"""
    )
    result = suite_run.read_report("x", report, 1)
    assert (result.passed, result.skipped) == (1, 2)
    assert result.failures == [("K bad", "two\nis not three\nsaid"), ("broken", "no setup")]


def test_a_green_run_ends_with_the_counts(run):
    is_green, said = run([Suite("x", shell(PASSES)), Suite("y", shell(PASSES))])
    assert is_green and said[-1] == "4 passed, 0 failed"


@pytest.mark.parametrize(
    "command",
    ["kill -KILL $$", PASSES + "kill -KILL $$", PASSES + "exit 3", 'echo "<testsuite/>" >"$JUNIT_FILE"', 'echo "<" >"$JUNIT_FILE"'],
)
def test_a_suite_that_crashes_or_runs_nothing_counts_as_failed(run, command):
    is_green, said = run([Suite("x", shell(command))])
    assert not is_green and said[-1].endswith(", 1 failed")
    assert any("FAILED the whole suite" in line for line in said)


def test_a_program_that_is_not_there_counts_as_failed(run):
    is_green, said = run([Suite("x", ("/nowhere/program",)), Suite("y", shell(PASSES))])
    assert not is_green and said[-1] == "2 passed, 1 failed"


def test_a_report_of_an_earlier_run_counts_for_nothing(run):
    run([Suite("x", shell(PASSES))])
    is_green, said = run([Suite("x", ("true",))])
    assert not is_green and said[-1] == "0 passed, 1 failed"


def test_a_preparation_that_fails_counts_once_and_is_not_repeated(run, tmp_path):
    tried = tmp_path / "tried"
    suites = [Suite("x", shell(PASSES), ("broken",)), Suite("y", shell(PASSES), ("broken",)), Suite("z", shell(PASSES))]
    is_green, said = run(suites, broken=shell(f"echo once >>{tried}; exit 1"))
    assert not is_green and said[-1] == "2 passed, 1 failed"
    assert tried.read_text() == "once\n"


def test_nothing_runs_when_setting_up_fails(run):
    is_green, said = run([Suite("x", shell(PASSES))], setup=("false",))
    assert not is_green and said[-1] == "0 passed, 1 failed"


def test_a_suite_runs_with_the_one_it_belongs_to(run):
    suites = [Suite("browser", shell(PASSES)), Suite("browser-mock", shell(PASSES), runs_with="browser")]
    assert run(suites, ["browser"])[1][-1] == "4 passed, 0 failed"


def test_the_sanitizers_compute_while_the_cluster_suite_waits(run, tmp_path, monkeypatch):
    monkeypatch.setenv("ONESHOT_TEST_DATABASE_URL", "there is one")
    wait = f"for _ in $(seq 200); do [ ! -e {tmp_path}/tsan ] || break; sleep 0.05; done; [ -e {tmp_path}/tsan ] &&"
    suites = [
        Suite("asan", shell(PASSES + "exit 1")),
        Suite("tsan", shell(f"{PASSES} touch {tmp_path}/tsan")),
        Suite("cluster", shell(wait + PASSES)),
    ]
    is_green, said = run(suites)
    assert not is_green and said[-1] == "6 passed, 1 failed"
    assert said.index("==> testing: cluster") < said.index("==> testing: asan")


def test_a_fault_of_the_script_itself_is_not_green(run):
    is_green, said = run([Suite("x", shell(PASSES), ("unheard of",))])
    assert not is_green and said[-1] == "0 passed, 1 failed"


@pytest.mark.parametrize(
    ("was_running", "is_down", "owns_database", "called"),
    [
        (None, False, False, []),  # no suite asked for the system
        (False, False, True, ["postgres down test", "stop "]),
        (True, False, False, []),
        (True, True, False, ["run "]),
        (False, True, False, ["stop "]),
    ],
)
def test_what_was_running_before_runs_afterwards_and_nothing_else(tmp_path, monkeypatch, was_running, is_down, owns_database, called):
    (tmp_path / "scripts").mkdir()
    for name in ("postgres", "run", "stop"):
        stub = tmp_path / "scripts" / name
        stub.write_text(f'#!/bin/sh\necho "{name} $*" >>{tmp_path}/called\n')
        stub.chmod(0o755)
    monkeypatch.setattr(suite_run, "ROOT", tmp_path)
    made = suite_run.SuiteRun([], {}, tmp_path / ".oneshot")
    made.system_was_running, made.system_is_down, made.owns_database = was_running, is_down, owns_database
    made.put_back()
    assert ((tmp_path / "called").read_text().splitlines() if called else []) == called


def test_an_unknown_suite_is_named():
    done = subprocess.run([ROOT / "scripts/test", "unit", "uint"], capture_output=True, text=True)
    assert done.returncode != 0 and done.stdout == ""
    assert "unknown suite 'uint'" in done.stderr and "fidelity" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupted_run_is_not_green_and_leaves_no_children(tmp_path, number):
    begun = tmp_path / "begun"
    program = f"""
import pathlib, sys
sys.path.insert(0, {str(ROOT / "scripts/lib")!r})
import suite_run
from suite_run import Preparation, Suite, SuiteRun
suite_run.PATIENCE_SECONDS = 1
slow = Suite("slow", ("sh", "-c", "sleep 300 & echo $! >{begun}.new; mv {begun}.new {begun}; wait"))
after = Suite("after", ("sh", "-c", "touch {tmp_path}/after"))
sys.exit(0 if SuiteRun([slow, after], {{"setup": Preparation(("true",))}}, pathlib.Path({str(tmp_path)!r})).run_all(["slow", "after"]) else 1)
"""
    script = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while not begun.exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    script.send_signal(number)
    said, _ = script.communicate(timeout=60)
    assert script.returncode == 1 and said.splitlines()[-1] == "0 passed, 1 failed"
    assert not (tmp_path / "after").exists()
    child = int(begun.read_text())
    assert not pathlib.Path(f"/proc/{child}").exists() or pathlib.Path(f"/proc/{child}/stat").read_text().split()[2] == "Z"
