# tries: to have the kernel start a program outside
# contained: EACCES or EROFS
import os


def attempt():
    os.close(os.open("/proc/sys/kernel/core_pattern", os.O_WRONLY))
    return True
