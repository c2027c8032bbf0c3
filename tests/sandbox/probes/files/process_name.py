# tries: to change its own entry in /proc
# contained: EACCES or EROFS
import os


def attempt():
    with open("/proc/self/comm", "w") as name:
        return name.write("other")
