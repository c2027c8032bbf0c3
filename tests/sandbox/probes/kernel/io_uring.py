# tries: to have a second way to call the kernel
# contained: ENOSYS from the filter
import ctypes


def attempt():
    return reached(425, 1, ctypes.byref(ctypes.create_string_buffer(120)))
