# tries: to make a POSIX message queue, which would outlive the process
# contained: EACCES from the filter
import os


def attempt():
    return reached(240, b"probe", os.O_CREAT | os.O_RDWR, 0o600, None)
