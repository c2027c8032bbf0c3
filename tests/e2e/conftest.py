"""End-to-end tests: the real cluster, the built images, the API as a caller uses it. `scripts/test e2e` starts the system first."""

import pytest

from client import Api, site_from_environment, wait_until
from cluster import Kubectl
from faults import is_ready, is_whole, start_what_died


@pytest.fixture(scope="session")
def api() -> Api:
    found = Api(site_from_environment())

    def ready() -> bool:
        try:
            return found.request("GET", "/readyz").status == 200
        except OSError:
            return False

    wait_until("the site is ready (make run starts it)", ready, deadline_seconds=60)
    return found


@pytest.fixture(scope="session")
def kubectl() -> Kubectl:
    return Kubectl()


@pytest.fixture
def still_works(api):
    """For tests that do harm: afterwards the next submission runs as if nothing had been."""
    yield
    run = api.run("print('still here')")
    assert (run["status"], run["stdout"]) == ("succeeded", "still here\n"), run


@pytest.fixture
def whole_again(api, kubectl):
    """For tests that kill what the system stands on: afterwards all of it is there again, and runs programs."""
    yield
    start_what_died()
    wait_until("every replica is ready", lambda: is_whole(kubectl))
    wait_until("the site is ready", lambda: is_ready(api))
    run = api.run("print('still here')")
    assert (run["status"], run["stdout"]) == ("succeeded", "still here\n"), run
