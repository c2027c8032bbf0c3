# tries: to send the runner a signal through its process group
# contained: EPERM or EACCES
import os
import signal


def attempt():
    os.killpg(os.getpgid(os.getppid()), signal.SIGCONT)
    return True
