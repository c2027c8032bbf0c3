# tries: to hold the kernel up in the middle of a copy
# contained: EPERM from the filter
def attempt():
    return reached(323, 0)
