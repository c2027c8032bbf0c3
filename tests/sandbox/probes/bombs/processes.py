# tries: to have more processes than it may
# contained: the run ends: process_limit_exceeded
# limits: {"wall_seconds": 15}
# ends: process_limit_exceeded
import os
import time


def attempt():
    children = []
    for _ in range(100):
        child = os.fork()
        if child == 0:
            time.sleep(20)
            os._exit(0)
        children.append(child)
    time.sleep(1)
    alive = sum(os.waitpid(child, os.WNOHANG) == (0, 0) for child in children)
    return alive == 100
