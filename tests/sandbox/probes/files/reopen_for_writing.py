# tries: to open a file again for writing, through the one that is open for reading
# contained: EACCES or EROFS
import os


def attempt():
    descriptor = os.open("/etc/passwd", os.O_RDONLY)
    os.close(os.open(f"/proc/self/fd/{descriptor}", os.O_WRONLY))
    return True
