# tries: to join root's group
# contained: EPERM
import os


def attempt():
    os.setgid(0)
    return True
