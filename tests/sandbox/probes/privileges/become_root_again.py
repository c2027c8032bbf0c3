# tries: to become root by what exec kept
# contained: EPERM
import os


def attempt():
    os.setresuid(0, 0, 0)
    return True
