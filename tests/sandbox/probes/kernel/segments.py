# tries: to change the processor's segments
# contained: EPERM from the filter
import ctypes


def attempt():
    return reached(154, 0, ctypes.byref(ctypes.create_string_buffer(16)), 16)
