# tries: to compare its descriptors with the runner's
# contained: EPERM or EACCES
import os


def attempt():
    return reached(312, os.getpid(), os.getppid(), 0, 0, 0)
