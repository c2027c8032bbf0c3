# tries: to send the runner a signal
# contained: EPERM or EACCES
import os
import signal


def attempt():
    os.kill(os.getppid(), signal.SIGCONT)
    return True
