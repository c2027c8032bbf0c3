# tries: to list mounts by the newest calls
# contained: ENOSYS from the filter
import ctypes


def attempt():
    request = (ctypes.c_uint32 * 6)(24, 0, 0xFFFFFFFF, 0xFFFFFFFF, 0, 0)
    return reached(458, ctypes.byref(request), ctypes.byref((ctypes.c_uint64 * 8)()), 8, 0)
