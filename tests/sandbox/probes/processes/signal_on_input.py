# tries: to have the kernel signal the runner when there is something to read
# contained: EPERM or EACCES
import fcntl
import os


def attempt():
    f_setown = 8
    fcntl.fcntl(0, f_setown, os.getppid())
    return True
