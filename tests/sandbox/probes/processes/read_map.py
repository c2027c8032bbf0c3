# tries: to read where the runner's memory is
# contained: EPERM or EACCES
import os


def attempt():
    with open(f"/proc/{os.getppid()}/maps") as maps:
        return maps.read()
