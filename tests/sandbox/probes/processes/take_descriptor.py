# tries: to take a descriptor out of the runner
# contained: EPERM or EACCES
import os


def attempt():
    process = os.pidfd_open(os.getppid())
    return reached(438, process, 1, 0)
