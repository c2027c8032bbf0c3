# tries: to open every file for writing
# contained: EACCES or EROFS for each of them
import os

def attempt():
    for directory, _, names in os.walk("/"):
        if directory.startswith(("/proc", "/sys", "/dev")):
            continue
        for path in (os.path.join(directory, name) for name in names):
            if os.path.realpath(path).startswith(("/proc", "/dev")):
                continue
            try:
                os.close(os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY))
            except OSError:
                continue
            return path
