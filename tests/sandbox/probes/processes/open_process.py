# tries: to hold a descriptor of the runner
# contained: EPERM or EACCES
import os


def attempt():
    return os.pidfd_open(os.getppid())
