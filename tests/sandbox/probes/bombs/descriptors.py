# tries: to have more files open than it may
# contained: EMFILE at 1,024
import os


def attempt():
    held = [os.open("/dev/null", os.O_RDONLY) for _ in range(2000)]
    return len(held) == 2000
