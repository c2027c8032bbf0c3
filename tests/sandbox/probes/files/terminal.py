# tries: to make a terminal
# contained: EACCES or EROFS
import os


def attempt():
    os.close(os.open("/dev/ptmx", os.O_RDWR | os.O_NOCTTY))
    return True
