"""From a byte's printing to its event: the program prints the clock, the reader of the stream looks at the same one."""

import json
import time

from running_system import System, program
from samples import summary


def first_byte(system: System) -> dict:
    first, later = [], []
    for _ in range(system.count(full=30, quick=2)):
        system.controller.wait_idle()
        run_id = system.site.api.submit(program("clock"))["id"]
        printed_bytes = 0
        for event, _, data in system.site.api.events(run_id):
            arrived = time.time()
            if event == "end":
                assert data["status"] == "succeeded", data
                break
            if event != "stdout":
                continue
            for line in data["text"].split():
                (later if printed_bytes else first).append(arrived - float(line))
                printed_bytes += len(line)
    assert first, json.dumps({"later": later})
    return {"first": summary(first), "later": summary(later)}
