# tries: to write to read-only memory through /proc/self/mem
# contained: EACCES or EROFS
import ctypes


def attempt():
    address = ctypes.cast(libc.getpid, ctypes.c_void_p).value
    with open("/proc/self/mem", "r+b", buffering=0) as memory:
        memory.seek(address)
        code = memory.read(1)
        memory.seek(address)
        return memory.write(code)
