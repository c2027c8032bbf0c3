# tries: to read the memory of the runner
# contained: EPERM or EACCES
import os


def attempt():
    with open(f"/proc/{os.getppid()}/mem", "rb") as memory:
        return memory
