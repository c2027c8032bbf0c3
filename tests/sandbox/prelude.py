"""Stands before every probe. A probe is a function `attempt` that tries something and returns what it got, or raises."""

import ctypes as _ctypes
import errno as _errno

libc = _ctypes.CDLL(None, use_errno=True)


def reached(number, *arguments):
    """Whether the kernel looks at a system call, whatever it thinks of the arguments: neither a filter nor missing rights refuse it."""
    _ctypes.set_errno(0)
    if libc.syscall(_ctypes.c_long(number), *arguments) != -1:
        return True
    refusal = _ctypes.get_errno()
    if refusal in (_errno.EPERM, _errno.EACCES, _errno.ENOSYS):
        raise OSError(refusal, _errno.errorcode[refusal])
    return True
