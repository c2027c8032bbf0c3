# tries: to make a device file for the machine's memory
# contained: EPERM, EACCES or EROFS
import os
import stat


def attempt():
    os.mknod("/tmp/mem", 0o600 | stat.S_IFCHR, os.makedev(1, 1))
    return True
