# tries: to write through the first process's view of the files
# contained: EACCES or EROFS


def attempt():
    with open("/proc/1/root/tmp/through-root", "w") as file:
        return file.write("x")
