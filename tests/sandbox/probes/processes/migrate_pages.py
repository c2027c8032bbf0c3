# tries: to move the runner's pages
# contained: EPERM or EACCES
import ctypes
import os


def attempt():
    mask = ctypes.byref(ctypes.c_ulong(1))
    return reached(256, os.getppid(), 2, mask, mask)
