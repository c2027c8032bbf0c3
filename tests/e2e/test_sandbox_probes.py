"""The hostile programs of tests/sandbox in waiting Jobs. `make sandbox-probes` sends them cold too, and shows that they are able elsewhere."""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "sandbox"))

import probe
from pool import Pool


@pytest.mark.parametrize("hostile", probe.load_all(), ids=lambda hostile: hostile.name)
def test_it_is_contained(api, hostile):
    run = Pool().run(lambda: api.run(hostile.source, limits=hostile.limits))
    assert hostile.is_contained(run), (hostile.tries, hostile.contained, run["reason"], run["stdout"][-500:], run["stderr"][-500:])
