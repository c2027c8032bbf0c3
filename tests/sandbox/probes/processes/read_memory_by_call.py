# tries: to read the memory of the runner by a call
# contained: EPERM or EACCES
import ctypes
import os


def attempt():
    class Piece(ctypes.Structure):
        _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]

    own = ctypes.create_string_buffer(8)
    return reached(310, os.getppid(), ctypes.byref(Piece(ctypes.addressof(own), 8)), 1, ctypes.byref(Piece(0x1000, 8)), 1, 0)
