# tries: to get a pair of sockets that are not local ones
# contained: EACCES from the filter
import ctypes


def attempt():
    tipc, sequential = 30, 5
    return reached(53, tipc, sequential, 0, ctypes.byref((ctypes.c_int * 2)()))
