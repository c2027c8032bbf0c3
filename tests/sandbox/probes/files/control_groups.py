# tries: to raise its own limits in the file system of control groups
# contained: EACCES or EROFS
import os


def attempt():
    for directory, _, names in os.walk("/sys/fs/cgroup"):
        for name in names:
            try:
                os.close(os.open(os.path.join(directory, name), os.O_WRONLY))
            except OSError:
                continue
            return name
