# tries: to change its root
# contained: EPERM from the filter
import os


def attempt():
    os.chroot("/")
    return True
