# tries: to remove a file
# contained: EACCES or EROFS
import os


def attempt():
    os.remove("/etc/hostname" if not os.path.exists("/etc/debian_version") else "/etc/debian_version")
    return True
