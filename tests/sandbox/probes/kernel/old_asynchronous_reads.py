# tries: to use the kernel's old asynchronous reads
# contained: EPERM from the filter
import ctypes


def attempt():
    return reached(206, 1, ctypes.byref(ctypes.c_ulong()))
