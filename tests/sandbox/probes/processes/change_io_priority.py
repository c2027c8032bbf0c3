# tries: to make the runner's reads slow
# contained: EPERM or EACCES
import os


def attempt():
    return reached(251, 1, os.getppid(), (2 << 13) | 7)
