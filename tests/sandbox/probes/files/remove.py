# tries: to remove a file
# contained: EACCES or EROFS
import os


def attempt():
    os.remove("/etc/debian_version")
    return True
