# tries: to compute longer than it may, in many processes
# contained: the run ends: cpu_time_exceeded
# limits: {"cpu_seconds": 2, "wall_seconds": 20}
# ends: cpu_time_exceeded
import os
import time


def attempt():
    children = []
    for _ in range(4):
        child = os.fork()
        if child == 0:
            while time.process_time() < 1.5:
                pass
            os._exit(0)
        children.append(child)
    return all(os.waitpid(child, 0)[1] == 0 for child in children)
