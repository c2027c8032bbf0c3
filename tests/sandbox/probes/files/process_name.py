# tries: to change its own entry in /proc
# contained: EACCES or EROFS


def attempt():
    with open("/proc/self/comm", "w") as name:
        return name.write("other")
