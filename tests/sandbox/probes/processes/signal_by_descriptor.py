# tries: to send the runner a signal through its descriptor
# contained: EPERM or EACCES
import os
import signal


def attempt():
    process = os.open(f"/proc/{os.getppid()}", os.O_RDONLY | os.O_DIRECTORY)
    signal.pidfd_send_signal(process, signal.SIGCONT)
    return True
