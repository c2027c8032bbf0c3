# tries: to put a key into the kernel
# contained: EPERM from the filter
def attempt():
    return reached(248, b"user", b"probe", b"x", 1, -2)
