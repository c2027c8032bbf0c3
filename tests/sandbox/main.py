"""`make sandbox-probes`: sends every probe through the public API, warm and cold, and shows in a weakened pod that it is able.

Usage: main.py [NAME ...]    names of probes, or their beginnings; all of them where none is given
"""

import argparse
import collections
import concurrent.futures
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

from client import Api, site_from_environment
from cluster import STATE, Kubectl
from pool import LARGE, Pool, is_warm
from probe import Probe, load_all
from weak_pod import run_weakly

RESULTS = STATE / "probes.json"
AT_ONCE = 2
# The kernel of this machine has no such thing: nothing can be shown, and nothing can be attacked.
ABSENT = ("Address family not supported", "[Errno 97]", "ENOSYS", "Function not implemented", "No such device", "[Errno 95]")


def submit(api: Api, pool: Pool, probe: Probe, way: str) -> dict:
    """Counts only where the run had the kind of Job that it was to have."""
    if way == "warm":
        run = pool.run(lambda: api.run(probe.source, limits=probe.limits))
    else:
        run = api.run(probe.source, limits=probe.limits | LARGE)
    return {
        "is_contained": probe.is_contained(run) and is_warm(run) == (way == "warm"),
        "job": run["job"]["name"],
        "reason": run["reason"],
        "said": (run["stdout"] + run["stderr"])[-500:],
    }


def ordinary_runs(api: Api, count: int) -> int:
    """How many of so many ordinary runs are right."""
    return sum(api.run(f"print({number} ** 2)")["stdout"] == f"{number**2}\n" for number in range(count))


def main() -> int:
    parser = argparse.ArgumentParser(description="Sends hostile programs through the public API, and shows in a weakened pod that they are able.")
    parser.add_argument("names", nargs="*", help="names of probes, or their beginnings")
    names = tuple(parser.parse_args().names)
    probes = [probe for probe in load_all() if not names or probe.name.startswith(names)]
    api, kubectl, waiting = Api(site_from_environment()), Kubectl(), Pool()

    results: dict[str, dict] = {probe.name: {} for probe in probes}
    for way in ("warm", "cold"):
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            for probe, result in zip(probes, pool.map(lambda probe, way=way: submit(api, waiting, probe, way), probes), strict=True):
                results[probe.name][way] = result
    image = api.request("GET", "/api/v1/environment").json()["image"]
    said = run_weakly(kubectl, image, probes)
    for probe in probes:
        text = said.get(probe.name, "")
        is_able = "able" in text.splitlines()
        results[probe.name]["weak"] = {"is_able": is_able, "is_absent": not is_able and any(each in text for each in ABSENT), "said": text}

    right, wanted = ordinary_runs(api, 50), 50
    counts = collections.Counter()
    for name, result in results.items():
        counts["contained warm"] += result["warm"]["is_contained"]
        counts["contained cold"] += result["cold"]["is_contained"]
        counts["able without guard"] += result["weak"]["is_able"]
        counts["absent from this kernel"] += result["weak"]["is_absent"]
        for way in ("warm", "cold"):
            if not result[way]["is_contained"]:
                print(f"NOT CONTAINED, {way}: {name} ({result[way]['job']}, {result[way]['reason']}): {result[way]['said']}")
        if not result["weak"]["is_able"] and not result["weak"]["is_absent"]:
            print(f"not able without guard: {name}: {result['weak']['said']}")
    RESULTS.write_text(json.dumps({"counts": counts, "ordinary_runs_right": right, "probes": results}, indent=1), encoding="utf-8")
    print(f"{len(probes)} probes: " + ", ".join(f"{number} {what}" for what, number in counts.items()) + f"; {right} of {wanted} ordinary runs right")
    is_proved = counts["able without guard"] + counts["absent from this kernel"] == len(probes)
    is_held = counts["contained warm"] == counts["contained cold"] == len(probes)
    return 0 if is_proved and is_held and right == wanted else 1


if __name__ == "__main__":
    sys.exit(main())
