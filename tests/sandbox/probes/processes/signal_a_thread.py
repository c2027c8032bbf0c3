# tries: to send the runner a signal by tgkill
# contained: EPERM or EACCES
import os


def attempt():
    return reached(234, os.getppid(), os.getppid(), 18)
