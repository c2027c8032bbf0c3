# tries: to change the mode of a file
# contained: EPERM or EROFS
import os
import sys


def attempt():
    os.chmod(sys.executable, os.stat(sys.executable).st_mode & 0o7777)
    return True
