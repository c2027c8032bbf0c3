# tries: to see which program the runner is
# contained: EPERM or EACCES
import os


def attempt():
    return os.readlink(f"/proc/{os.getppid()}/exe")
