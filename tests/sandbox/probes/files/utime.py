# tries: to change the times of a file
# contained: EACCES or EROFS
import os


def attempt():
    os.utime("/etc/passwd")
    return True
