"""Outcomes are fetched ahead of the tests, a few at a time: a run mostly waits, and tests would wait one after the other."""

import collections
import concurrent.futures
import os
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))  # client.py and pool.py

import reference  # noqa: E402
from pool import is_warm  # noqa: E402
from service import Service  # noqa: E402

AT_A_TIME = int(os.environ.get("ONESHOT_FIDELITY_PARALLEL", "4"))


class Outcomes:
    """What every selected test will ask for, under way from the first test on."""

    def __init__(self, items, service: Service, control: reference.Reference):
        self.service, self.control = service, control
        self.pool = concurrent.futures.ThreadPoolExecutor(AT_A_TIME)
        self.found = {}
        for item in items:
            parameters = item.callspec.params if hasattr(item, "callspec") else {}
            if "case" in parameters:
                ways = [parameters.get("way", "warm")] + ([] if parameters["case"].expected else ["local"])
                for way in ways:
                    self.start(parameters["case"], way)

    def start(self, case, way: str) -> None:
        key = case.name, way
        if key not in self.found:
            self.found[key] = self.pool.submit(self.local if way == "local" else self.remote, case, way)

    def local(self, case, _way):
        return self.control.run(case.source, case.stdin, case.args, case.scratch_mib > 0), None

    def remote(self, case, way):
        return self.service.run(case, way)

    def is_as_wanted(self, case, way: str, run: dict) -> bool:
        return not is_warm(run) if way == "cold" else is_warm(run) or not self.service.can_be_warm(case)

    def __call__(self, case, way: str):
        return self.found[case.name, way].result()


@pytest.fixture(scope="session")
def outcomes(request):
    service = Service()
    here, there = reference.version(), service.environment["python"]
    if here != there:
        pytest.skip(f"{reference.PYTHON} is {here}, the image's Python {there}: texts of different versions differ")
    found = Outcomes(request.session.items, service, reference.Reference(cpu_level=service.snapshot == "restored"))
    yield found
    found.pool.shutdown(cancel_futures=True)


def pytest_addoption(parser):
    parser.addoption("--sample", type=int, default=1, metavar="N", help="of each kind of program every Nth")


def pytest_collection_modifyitems(config, items):
    step = config.getoption("sample")
    kinds = collections.defaultdict(list)
    for item in items:
        kinds[item.originalname, item.callspec.params["way"]].append(item)
    # Another one of the N in each kind: what runs cold is not what runs warm.
    kept = {item for number, kind in enumerate(kinds.values()) for item in kind[number % step :: step]}
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = [item for item in items if item in kept]


def pytest_make_parametrize_id(config, val, argname):
    return getattr(val, "name", None)
