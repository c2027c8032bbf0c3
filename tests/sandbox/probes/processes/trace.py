# tries: to trace the runner
# contained: EPERM or EACCES
import os


def attempt():
    seize, detach = 0x4206, 17
    seized = reached(101, seize, os.getppid(), 0, 0)
    libc.ptrace(detach, os.getppid(), 0, 0)
    return seized
