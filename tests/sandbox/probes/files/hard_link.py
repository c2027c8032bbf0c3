# tries: to make a hard link
# contained: EACCES or EROFS
import os


def attempt():
    os.link("/etc/passwd", "/etc/passwd2")
    return True
