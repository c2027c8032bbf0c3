# tries: to make the runner slow
# contained: EPERM or EACCES
import os


def attempt():
    os.setpriority(os.PRIO_PROCESS, os.getppid(), 5)
    return True
