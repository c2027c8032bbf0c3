# tries: to make a directory
# contained: EACCES or EROFS
import os


def attempt():
    os.mkdir("/tmp/probe")
    return True
