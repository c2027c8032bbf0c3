"""Runs on the second node of the embedded cluster."""

from client import Api, wait_until
from cluster import Kubectl

SECOND_NODE = "127.0.0.2"
LARGE_MIB = 700  # more than any Job that waits for a run has, so that the run needs one of its own


def begin_on_second_node(api: Api, kubectl: Kubectl, source: str, **limits: float) -> str:
    """The id of a run that has printed something there. Other nodes take no new pods until then."""
    kubectl("cordon", "localhost")
    try:
        run_id = api.submit(source, limits={"memory_mib": LARGE_MIB, **limits})["id"]
        wait_until("it prints", lambda: api.output(run_id))
    finally:
        kubectl("uncordon", "localhost")
    assert kubectl.pod_of(run_id)["spec"]["nodeName"] == SECOND_NODE
    return run_id
