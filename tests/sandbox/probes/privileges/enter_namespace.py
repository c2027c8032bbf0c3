# tries: to enter a namespace of the first process
# contained: EACCES or EPERM
import os


def attempt():
    return reached(308, os.open("/proc/1/ns/mnt", os.O_RDONLY), 0)
