# tries: to see what the runner has open
# contained: EPERM or EACCES
import os


def attempt():
    return os.listdir(f"/proc/{os.getppid()}/fd")
