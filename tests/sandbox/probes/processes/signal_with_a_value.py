# tries: to send the runner a signal with a value
# contained: EPERM or EACCES
import ctypes
import os


def attempt():
    return reached(129, os.getppid(), 18, ctypes.byref(ctypes.create_string_buffer(128)))
