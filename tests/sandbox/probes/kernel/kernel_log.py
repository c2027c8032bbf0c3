# tries: to read the kernel's log
# contained: EPERM from the filter
def attempt():
    return reached(103, 10, None, 0)
