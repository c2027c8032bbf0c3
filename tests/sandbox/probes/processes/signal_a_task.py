# tries: to send the runner a signal by tkill
# contained: EPERM or EACCES
import os


def attempt():
    return reached(200, os.getppid(), 18)
