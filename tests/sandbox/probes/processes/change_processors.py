# tries: to move the runner to one processor
# contained: EPERM or EACCES
import os


def attempt():
    os.sched_setaffinity(os.getppid(), os.sched_getaffinity(0))
    return True
