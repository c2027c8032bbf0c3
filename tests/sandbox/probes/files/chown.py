# tries: to change the owner of a file
# contained: EPERM or EROFS
import os
import sys


def attempt():
    os.chown(sys.executable, os.stat(sys.executable).st_uid, 0)
    return True
