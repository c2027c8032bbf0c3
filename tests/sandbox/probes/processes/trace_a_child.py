# tries: to trace a process of its own, and so to change its calls after the filter
# contained: EPERM or EACCES
import os
import signal


def attempt():
    child = os.fork()
    if child == 0:
        signal.pause()
    try:
        return reached(101, 0x4206, child, 0, 0)
    finally:
        os.kill(child, signal.SIGKILL)
