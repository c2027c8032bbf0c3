# tries: to make a symbolic link
# contained: EACCES or EROFS
import os


def attempt():
    os.symlink("/etc/passwd", "/tmp/link")
    return True
