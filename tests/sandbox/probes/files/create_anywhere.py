# tries: to create a file in every directory there is
# contained: EACCES or EROFS in each of them
import os


def attempt():
    for directory, _, _ in os.walk("/"):
        if directory.startswith("/proc"):
            continue
        try:
            os.close(os.open(os.path.join(directory, ".probe"), os.O_CREAT | os.O_EXCL | os.O_WRONLY))
        except OSError:
            continue
        return directory
