# tries: to rename a file
# contained: EACCES or EROFS
import os


def attempt():
    os.rename("/etc/passwd", "/etc/renamed")
    os.rename("/etc/renamed", "/etc/passwd")
    return True
