"""Every program has the same stdout, stderr and exit code by the service as by the machine's own python3, to the byte."""

import pytest

from cases import compared_programs, sandbox_programs
from cpython import carried_modules
from outcome import Outcome, differences

PROGRAMS = compared_programs()
COLD = [case for case in PROGRAMS if case.is_cold_too]
CPYTHON = carried_modules()
NAMES = ("local", "service")


def agree(outcomes, case, way: str) -> None:
    actual, run = outcomes(case, way)
    assert outcomes.is_as_wanted(case, way, run), f"{way} was wanted: {run['job']}"
    expected, _ = outcomes(case, "local")
    found = differences(expected, actual, NAMES)
    if found:
        pytest.fail(f"{run['job']['name']}\n{found}\n--- the program\n{case.source[:2000]}", pytrace=False)


@pytest.mark.parametrize("way", ["warm"])
@pytest.mark.parametrize("case", PROGRAMS)
def test_program(outcomes, case, way):
    agree(outcomes, case, way)


@pytest.mark.parametrize("way", ["cold"])
@pytest.mark.parametrize("case", COLD)
def test_program_cold(outcomes, case, way):
    agree(outcomes, case, way)


@pytest.mark.parametrize("way", ["warm", "cold"])
@pytest.mark.parametrize("case", CPYTHON)
def test_module_of_cpython(outcomes, case, way):
    agree(outcomes, case, way)
    expected, _ = outcomes(case, "local")
    assert b"\nended: True\n" in expected.stdout, "it did not get to its end:\n" + expected.stderr.decode()[-2000:]


@pytest.mark.parametrize("way", ["warm"])
@pytest.mark.parametrize("case", sandbox_programs())
def test_program_that_meets_the_sandbox(outcomes, case, way):
    """Expected results are written beside the program: a local run has no sandbox to compare with."""
    actual, _ = outcomes(case, way)
    told = {"stdout": "", "stderr": "", "exit_code": 0, "signal": None, **case.expected}
    expected = Outcome(told["stdout"].encode(), told["stderr"].encode(), told["exit_code"], told["signal"])
    found = differences(expected, actual, ("expected", "service"))
    if found:
        pytest.fail(f"{found}\n--- the program\n{case.source}", pytrace=False)
