# tries: to send the runner a signal with a value
# contained: EPERM or EACCES
import ctypes
import os


def attempt():
    return reached(129, os.getppid(), 18, ctypes.byref((ctypes.c_int * 32)(18, 0, -1)))
