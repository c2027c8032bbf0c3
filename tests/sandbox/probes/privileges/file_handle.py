# tries: to open a file by its number, past all directories
# contained: EPERM from the filter
import ctypes


def attempt():
    return reached(303, -100, b"/etc/passwd", ctypes.byref((ctypes.c_uint32 * 64)(128)), ctypes.byref(ctypes.c_int()), 0)
