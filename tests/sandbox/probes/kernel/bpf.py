# tries: to load a program into the kernel
# contained: EPERM from the filter
def attempt():
    return reached(321, 0, None, 0)
