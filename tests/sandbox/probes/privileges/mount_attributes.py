# tries: to make a mount writable
# contained: ENOSYS from the filter
import ctypes


def attempt():
    return reached(442, -100, b"/", 0, ctypes.byref(ctypes.create_string_buffer(32)), 32)
