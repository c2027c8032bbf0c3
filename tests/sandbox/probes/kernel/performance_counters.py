# tries: to count what the processor does
# contained: EPERM from the filter
import ctypes


def attempt():
    return reached(298, ctypes.byref(ctypes.create_string_buffer(128)), 0, -1, -1, 0)
