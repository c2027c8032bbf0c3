# tries: to change the scheduling of the runner
# contained: EPERM or EACCES
import os


def attempt():
    os.sched_setscheduler(os.getppid(), os.SCHED_BATCH, os.sched_param(0))
    return True
