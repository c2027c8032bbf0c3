# tries: to get at the kernel's emergency commands
# contained: EACCES or EROFS
# weak: privileged
import os


def attempt():
    os.close(os.open("/proc/sysrq-trigger", os.O_WRONLY))
    return True
