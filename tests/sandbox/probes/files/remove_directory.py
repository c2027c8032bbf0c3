# tries: to remove a directory
# contained: EACCES or EROFS
import os


def attempt():
    os.rmdir("/mnt")
    return True
