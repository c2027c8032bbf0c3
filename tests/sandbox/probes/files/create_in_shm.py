# tries: to leave a file in /dev/shm
# contained: EACCES or EROFS


def attempt():
    open("/dev/shm/left-behind", "w").close()
    return True
