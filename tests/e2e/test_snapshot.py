"""Every pod starts from the image's snapshot: it is used, and no two runs draw the same."""

import ast
import collections
import concurrent.futures
import platform

import pytest

from pool import LARGE, Pool, is_warm

pytestmark = [
    pytest.mark.usefixtures("still_works"),
    pytest.mark.skipif(platform.machine() != "x86_64", reason="no other machine has a restorer"),
]

RESTORES = 100
AT_ONCE = 8
DRAW = """
import hashlib, multiprocessing, os, random, secrets, ssl, tempfile, uuid
import numpy, pandas, scipy.stats, matplotlib.backends.backend_agg
print({
    "random": random.random(),
    "a generator of the program's": random.Random().random(),
    "secrets": secrets.token_hex(),
    "ssl": ssl.RAND_bytes(16),
    "uuid4": str(uuid.uuid4()),
    "uuid1": str(uuid.uuid1()),
    "tempfile": next(tempfile._get_candidate_names()),
    "authkey": bytes(multiprocessing.current_process().authkey),
    "urandom": os.urandom(16),
    "numpy, legacy": numpy.random.random(),
    "numpy, RandomState": numpy.random.RandomState().random_sample(),
    "numpy, default_rng": numpy.random.default_rng().random(),
    "numpy, SeedSequence": numpy.random.SeedSequence().entropy,
    "scipy": float(scipy.stats.norm.rvs()),
    "pandas": tuple(pandas.Series(range(1000)).sample(20)),
})
"""


def test_a_waiting_job_is_restored(api):
    assert Pool().run(lambda: api.run("print(6)"))["job"]["snapshot"] == "restored"


def test_a_job_of_its_own_is_restored(api):
    run = api.run("print(6)", limits=LARGE)
    assert not is_warm(run)
    assert run["job"]["snapshot"] == "restored"


def test_nothing_random_is_the_same_twice(api):
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as threads:
        runs = list(threads.map(lambda _: api.run(DRAW), range(RESTORES)))
    assert {(run["status"], run["job"]["snapshot"]) for run in runs} == {("succeeded", "restored")}
    drawn = collections.defaultdict(set)
    for run in runs:
        for source, value in ast.literal_eval(run["stdout"]).items():
            drawn[source].add(value)
    assert {source: len(values) for source, values in drawn.items()} == dict.fromkeys(drawn, RESTORES)
