# tries: to see processes that are not its own
# contained: there are none
import os


def attempt():
    return {int(name) for name in os.listdir("/proc") if name.isdigit()} - {1, os.getpid(), os.getppid()}
