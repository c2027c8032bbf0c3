# tries: to become root
# contained: EPERM
import os


def attempt():
    os.setuid(0)
    return True
