# tries: to let any process trace it
# contained: EPERM from the filter
import ctypes


def attempt():
    pr_set_ptracer, anybody = 0x59616D61, -1
    libc.prctl(pr_set_ptracer, anybody, 0, 0, 0)
    return ctypes.get_errno() != 1
