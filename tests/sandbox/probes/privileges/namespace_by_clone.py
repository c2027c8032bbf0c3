# tries: to make a namespace of users with clone
# contained: EPERM from the filter
import os
import signal


def attempt():
    child = libc.syscall(56, 0x10000000 | signal.SIGCHLD, 0, 0, 0, 0)
    if child == 0:
        os._exit(0)
    return child > 0
