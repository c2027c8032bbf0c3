# tries: to write to the runner's output
# contained: EPERM or EACCES
import os


def attempt():
    return os.open(f"/proc/{os.getppid()}/fd/1", os.O_WRONLY)
