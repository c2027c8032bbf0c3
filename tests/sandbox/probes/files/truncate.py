# tries: to truncate a file by its name
# contained: EACCES or EROFS
import os


def attempt():
    os.truncate("/etc/passwd", os.path.getsize("/etc/passwd"))
    return True
