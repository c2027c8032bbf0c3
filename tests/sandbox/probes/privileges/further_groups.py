# tries: to join further groups
# contained: EPERM
import os


def attempt():
    os.setgroups([0])
    return True
