# tries: to lower the limits of the runner
# contained: EPERM or EACCES
import os
import resource


def attempt():
    limits = resource.prlimit(os.getppid(), resource.RLIMIT_NOFILE)
    resource.prlimit(os.getppid(), resource.RLIMIT_NOFILE, limits)
    return True
