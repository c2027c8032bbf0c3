# tries: to attach an attribute to a file
# contained: ENOTSUP from the filter
import os


def attempt():
    os.setxattr("/etc/passwd", "user.probe", b"1")
    return True
