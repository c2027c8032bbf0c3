"""Fixtures of the tests of the embedded cluster. They take the machine's cluster down again and again, so they are a suite of their own:

    EMBEDDED_CLUSTER_TEST=1 /usr/bin/python3 -m pytest tests/cluster

They need root. Image caches stay, so the system can be started again right after.
"""

import subprocess

import pytest

from embedded import ECHO_IMAGE, NODE_2, RUN, command


@pytest.fixture(scope="module", autouse=True)
def down_at_the_end():
    yield
    for socket in (node / "containerd.sock" for node in (RUN, NODE_2)):
        if socket.exists():
            subprocess.run(["ctr", "--address", socket, "--namespace", "k8s.io", "images", "rm", ECHO_IMAGE], capture_output=True)
    command("down")


@pytest.fixture
def no_cluster():
    command("down")


@pytest.fixture
def running_cluster():
    command("up")
