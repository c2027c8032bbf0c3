# tries: to add a system call filter, and so to forge what calls return
# contained: EPERM from the filter
import ctypes


def attempt():
    program = ctypes.create_string_buffer(b"\x06\0\0\0\0\0\xff\x7f", 8)

    class Filter(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("program", ctypes.c_void_p)]

    return reached(317, 1, 0, ctypes.byref(Filter(1, ctypes.addressof(program))))
