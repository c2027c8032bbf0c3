# tries: to lock memory in its place
# contained: EPERM or ENOMEM
import ctypes


def attempt():
    return libc.mlock(ctypes.create_string_buffer(65536), 65536) == 0
