"""The mark of tests that only the embedded cluster can run."""

import pytest

from faults import CLUSTER

needs_embedded_cluster = pytest.mark.skipif(not CLUSTER.exists(), reason="kills processes of the embedded cluster by their pids")
