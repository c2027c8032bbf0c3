# tries: to ask where the runner's pages are
# contained: EPERM or EACCES
import os


def attempt():
    return reached(279, os.getppid(), 0, None, None, None, 0)
