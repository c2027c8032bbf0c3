# tries: to make all processes of its user slow
# contained: EPERM or EACCES
import os


def attempt():
    os.setpriority(os.PRIO_USER, os.getuid(), 5)
    return True
