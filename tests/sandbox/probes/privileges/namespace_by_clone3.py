# tries: to make a namespace by a call whose flags a filter cannot see
# contained: ENOSYS from the filter
import ctypes


def attempt():
    return reached(435, ctypes.byref(ctypes.create_string_buffer(8)), 8)
