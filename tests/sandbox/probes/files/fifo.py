# tries: to make a FIFO
# contained: EACCES or EROFS
import os


def attempt():
    os.mkfifo("/tmp/fifo")
    return True
