# tries: to make a file without a name
# contained: EACCES or EROFS
import os


def attempt():
    for directory in ("/", "/tmp", "/var/tmp", "/dev/shm"):
        try:
            os.close(os.open(directory, os.O_TMPFILE | os.O_WRONLY))
        except OSError:
            continue
        return True
